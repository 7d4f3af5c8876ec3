"""An embedder that remembers, while a process runs, what it was asked: one question, many settings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from answerable.core.ports import Embedder, EmbeddingModel, Kind, Vector, Vectors


class RememberedEmbedder:
    """An Embedder. Only questions are kept: passages have the ledger's cache."""

    def __init__(self, inner: Embedder) -> None:
        self.inner = inner
        self._known: dict[str, Vector] = {}

    @property
    def model(self) -> EmbeddingModel:
        """The inner one's."""
        return self.inner.model

    async def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """As the inner one, once for each question."""
        if kind != "query":
            return await self.inner.embed(texts, kind=kind)
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        if missing:
            self._known.update(zip(missing, await self.inner.embed(missing, kind=kind), strict=True))
        if not texts:
            return np.zeros((0, self.model.dim), dtype=np.float32)
        return np.stack([self._known[text] for text in texts])
