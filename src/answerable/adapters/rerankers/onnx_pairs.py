"""A cross-encoder's files in this process: tokenizer.json, an ONNX graph and a small pool of threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answerable.adapters.embedders.batches import batches
from answerable.adapters.embedders.weights import verify_file
from answerable.adapters.rerankers.cross_encoder import Judged
from answerable.core.errors import ConfigError, IntegrityError

_TYPES = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}
_KNOWN = {"input_ids", "attention_mask", "token_type_ids"}


class OnnxPairs:
    """A PairScorer. Nothing is read before the first question; then the files are verified once.

    `sha256` by path: files that must be exactly those. Pairs are cut at `max_tokens`, the longer text first.
    """

    def __init__(
        self,
        *,
        model: Path,
        tokenizer: Path,
        max_tokens: int = 512,
        workers: int = 2,
        sha256: Mapping[Path, str] | None = None,
    ) -> None:
        if missing := [str(one) for one in (model, tokenizer) if not one.is_file()]:
            raise ConfigError(
                f"the cross-encoder's files are not there: {', '.join(missing)}",
                hint="`answerable model pull --reranker NAME` fetches a pinned one; or export one to that folder",
            )
        self._model, self._tokenizer_file, self._max = model, tokenizer, max_tokens
        self._sha256 = dict(sha256 or {})
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="cross-encoder")
        self._lock = threading.Lock()
        self._loaded: _Graph | None = None

    async def judge(self, question: str, texts: Sequence[str]) -> Judged:
        """One logit a text. Raises IntegrityError for other files, ConfigError for a graph of another kind."""
        loop = asyncio.get_running_loop()
        graph = await loop.run_in_executor(self._pool, self._graph)
        pairs = await loop.run_in_executor(self._pool, graph.encode, question, list(texts))
        logits = np.empty(len(pairs), dtype=np.float64)

        def run(batch: list[int]) -> None:
            logits[batch] = graph.logits([pairs[place] for place in batch])

        groups = batches([len(pair.ids) for pair in pairs])
        waiting = [loop.run_in_executor(self._pool, run, batch) for batch in groups]
        try:
            await asyncio.gather(*waiting)
        finally:  # past its time, what has not begun does not begin
            for future in waiting:
                future.cancel()
        truncated = sum(bool(pair.overflowing) for pair in pairs)
        return Judged(logits=tuple(float(one) for one in logits), truncated=truncated)

    def close(self) -> None:
        """Let the threads go; what is still waiting is not scored."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _graph(self) -> _Graph:
        with self._lock:
            if self._loaded is None:
                for path, expected in self._sha256.items():
                    verify_file(path, expected)
                self._loaded = _Graph(self._model, self._tokenizer_file, self._max)
            return self._loaded


class _Graph:
    """Both files, opened. May be used from several threads at once."""

    def __init__(self, model: Path, tokenizer: Path, max_tokens: int) -> None:
        import onnxruntime  # 0.2 s to import; the CLI's --help should not pay it
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # batches run beside each other instead
        options.log_severity_level = 3
        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
            self._session = onnxruntime.InferenceSession(
                str(model), sess_options=options, providers=["CPUExecutionProvider"]
            )
        except Exception as exc:  # both libraries raise errors without a common base
            raise IntegrityError(f"the cross-encoder in {model.parent} cannot be loaded: {exc}") from exc
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens, strategy="longest_first")
        self._inputs = {one.name: _TYPES.get(one.type) for one in self._session.get_inputs()}
        if not {"input_ids"} <= set(self._inputs) <= _KNOWN or None in self._inputs.values():
            raise ConfigError(
                f"{model} takes {sorted(self._inputs)}, which is no cross-encoder's input",
                hint="export it with input_ids, attention_mask and token_type_ids as whole numbers",
            )
        self._name = str(model)

    def encode(self, question: str, texts: list[str]) -> list[Any]:
        """One tokenizers.Encoding a text."""
        sound = question.encode("utf-8", "replace").decode()
        found: list[Any] = self._tokenizer.encode_batch([(sound, text) for text in texts])
        return found

    def logits(self, pairs: Sequence[Any]) -> NDArray[np.float64]:
        """Shape (n,), from pairs that were encoded."""
        width = max(len(pair.ids) for pair in pairs)
        given = {
            "input_ids": [pair.ids for pair in pairs],
            "attention_mask": [pair.attention_mask for pair in pairs],
            "token_type_ids": [pair.type_ids for pair in pairs],
        }
        feed = {name: _padded(given[name], width, kind) for name, kind in self._inputs.items()}
        out = np.asarray(self._session.run(None, feed)[0], dtype=np.float64).reshape(len(pairs), -1)
        if out.shape[1] == 1:
            found: NDArray[np.float64] = out[:, 0]
        elif out.shape[1] == 2:  # classes no and yes: sigmoid of the difference is their softmax
            found = out[:, 1] - out[:, 0]
        else:
            raise ConfigError(
                f"{self._name} gives {out.shape[1]} numbers a pair",
                hint="a cross-encoder gives 1 or 2",
            )
        if not np.isfinite(found).all():
            raise IntegrityError(f"{self._name} gave a score that is no number")
        return found


def _padded(rows: Sequence[Sequence[int]], width: int, kind: Any) -> NDArray[Any]:
    table = np.zeros((len(rows), width), dtype=kind)
    for place, row in enumerate(rows):
        table[place, : len(row)] = row
    return table
