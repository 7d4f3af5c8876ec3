"""A cross-encoder run by sentence-transformers, where that library is installed; it is no dependency of ours."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from answerable.adapters.rerankers.cross_encoder import Judged
from answerable.core.errors import ConfigError, IntegrityError


class TransformerPairs:
    """A PairScorer over a folder that `CrossEncoder.save_pretrained` wrote. Never reaches a hub.

    Raises ConfigError where the library or the folder is not there.
    """

    def __init__(self, folder: Path, *, max_tokens: int = 512) -> None:
        if not folder.is_dir():
            raise ConfigError(f"there is no folder {folder}", hint="reranker.NAME.path names the model's folder")
        try:
            from sentence_transformers import CrossEncoder  # type: ignore[import-not-found,unused-ignore]
        except ImportError as exc:
            raise ConfigError(
                "engine sentence-transformers needs that library", hint="pip install sentence-transformers"
            ) from exc
        self._make, self._folder, self._max = CrossEncoder, folder, max_tokens
        self._lock = threading.Lock()  # torch uses its own threads: one batch at a time
        self._model: Any = None

    async def judge(self, question: str, texts: Sequence[str]) -> Judged:
        """One logit a text. Raises IntegrityError for a folder that is no model; cuts are not told."""
        logits = await asyncio.to_thread(self._judge, question, list(texts))
        return Judged(logits=logits, truncated=None)

    def close(self) -> None:
        """Forget the model."""
        self._model = None

    def _judge(self, question: str, texts: list[str]) -> tuple[float, ...]:
        with self._lock:
            model = self._load()
            pairs = [(question, text) for text in texts]
            out = model.predict(pairs, activation_fn=_as_it_is, convert_to_numpy=True)
        rows = out.reshape(len(texts), -1)
        if not np.isfinite(rows).all():
            raise IntegrityError(f"{self._folder} gave a score that is no number")
        return tuple(float(row[-1] - row[0]) if len(row) == 2 else float(row[0]) for row in rows)

    def _load(self) -> Any:
        if self._model is None:
            try:
                self._model = self._make(str(self._folder), max_length=self._max, local_files_only=True)
            except (OSError, ValueError, RuntimeError) as exc:
                raise IntegrityError(f"{self._folder} is no cross-encoder: {exc}") from exc
        return self._model


def _as_it_is(logits: Any) -> Any:
    return logits
