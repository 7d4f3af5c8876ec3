"""Runs the embedding graph: rows of token numbers in, unit vectors out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from answerable.core.errors import IntegrityError
from answerable.core.ports import Vectors


class Engine:
    """One onnxruntime session. `run` uses one thread, frees the GIL and may be called from several at once."""

    def __init__(self, graph: Path) -> None:
        import onnxruntime  # 0.2 s to import; the CLI's --help should not pay it

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # two threads on one batch do no more work per CPU-second than one
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only
        try:
            self._session = onnxruntime.InferenceSession(
                str(graph), sess_options=options, providers=["CPUExecutionProvider"]
            )
        except Exception as exc:  # the library's errors share no other base
            raise IntegrityError(
                f"the cached embedding graph {graph} cannot be loaded: {exc}",
                hint="remove the file: it is made again",
            ) from exc

    def run(self, rows: Sequence[Sequence[int]]) -> Vectors:
        """Vectors of shape (len(rows), dim). Rows of like length cost least: the shorter ones are padded."""
        vectors: Vectors = self._session.run(["vectors"], _padded(rows))[0]
        return vectors

    def run_tokens(self, rows: Sequence[Sequence[int]]) -> tuple[Vectors, list[Vectors]]:
        """The same vectors, and each row's tokens: shape (len(row), dim), not of unit length."""
        vectors, tokens = self._session.run(["vectors", "tokens"], _padded(rows))
        return vectors, [found[: len(row)] for found, row in zip(tokens, rows, strict=True)]


def _padded(rows: Sequence[Sequence[int]]) -> dict[str, NDArray[np.int32]]:
    ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int32)
    mask = np.zeros_like(ids)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = row
        mask[number, : len(row)] = 1
    return {"ids": ids, "mask": mask}
