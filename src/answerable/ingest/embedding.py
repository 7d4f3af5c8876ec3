"""Vectors for the chunks of several documents at once: looked up where known, embedded where not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from answerable.core.document import embedding_text
from answerable.core.ports import Embedder, Ledger, Vector, Vectors
from answerable.ingest.preparation import Prepared
from answerable.ingest.slices import slices
from answerable.ingest.tally import Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """Texts of many documents in batches of `texts`, so that an embedder can sort a good number by length."""

    embedder: Embedder
    ledger: Ledger
    tenant: str
    texts: int
    tally: Tally

    async def vectors(self, documents: Sequence[Prepared]) -> list[Vectors]:
        """One array a document, shape (its chunks, dim). Each text is looked up and embedded once.

        Parents are not searched: their rows are zero.
        """
        wanted = {
            key: (prepared, n)
            for prepared in documents
            for n, key in enumerate(prepared.keys)
            if prepared.chunks[n].level == 0
        }
        known: dict[str, Vector] = {}
        for keys in slices(list(wanted), self.texts):
            known |= await self.ledger.cached(tenant=self.tenant, model=self.embedder.model, keys=keys)
        self.tally.cached += len(known)
        missing = {key: _text(*wanted[key]) for key in wanted if key not in known}
        for keys in slices(list(missing), self.texts):
            known |= await self._embed({key: missing[key] for key in keys})
        nothing = np.zeros(self.embedder.model.dim, dtype=np.float32)
        return [self._matrix([known.get(key, nothing) for key in prepared.keys]) for prepared in documents]

    async def _embed(self, texts: dict[str, str]) -> dict[str, Vector]:
        rows = await self.embedder.embed(list(texts.values()), kind="passage")
        vectors = dict(zip(texts, rows, strict=True))
        await self.ledger.cache(tenant=self.tenant, model=self.embedder.model, vectors=vectors)
        self.tally.embedded += len(vectors)
        self.tally.tell()
        return vectors

    def _matrix(self, rows: Sequence[Vector]) -> Vectors:
        if not rows:
            return np.zeros((0, self.embedder.model.dim), dtype=np.float32)
        return np.stack(rows).astype(np.float32, copy=False)


def _text(prepared: Prepared, n: int) -> str:
    return embedding_text(prepared.document, prepared.chunks[n])
