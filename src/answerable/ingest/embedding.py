"""Vectors and token codes for the chunks of several documents at once: looked up where known, else computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from answerable.core.document import embedding_text
from answerable.core.ports import Embedder, Ledger, TokenEncoder, Vector, Vectors
from answerable.ingest.preparation import Prepared
from answerable.ingest.slices import slices
from answerable.ingest.tally import Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """What a document's chunks became: vectors, shape (chunks, dim), and a code of each one's tokens, or none."""

    vectors: Vectors
    tokens: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """Texts of many documents in batches of `texts`, so that an embedder can sort a good number by length.

    With an encoder, which must be the embedder, a text's vector and code come from one pass, and a text counts as
    known only where both are.
    """

    embedder: Embedder
    ledger: Ledger
    tenant: str
    texts: int
    tally: Tally
    encoder: TokenEncoder | None = None

    async def embed(self, documents: Sequence[Prepared]) -> list[Embedded]:
        """One for each document. Each text is looked up and embedded once.

        Parents are not searched: their rows are zero, and their codes empty.
        """
        wanted = {
            key: (prepared, n)
            for prepared in documents
            for n, key in enumerate(prepared.keys)
            if prepared.chunks[n].level == 0
        }
        vectors: dict[str, Vector] = {}
        codes: dict[str, bytes] = {}
        for keys in slices(list(wanted), self.texts):
            vectors |= await self.ledger.cached(tenant=self.tenant, model=self.embedder.model, keys=keys)
            if self.encoder:
                codes |= await self.ledger.cached_codes(tenant=self.tenant, form=self.encoder.code, keys=keys)
        known = vectors.keys() & codes.keys() if self.encoder else vectors.keys()
        self.tally.cached += len(known)
        missing = {key: _text(*wanted[key]) for key in wanted if key not in known}
        for keys in slices(list(missing), self.texts):
            await self._embed({key: missing[key] for key in keys}, vectors, codes)
        nothing = np.zeros(self.embedder.model.dim, dtype=np.float32)
        return [
            Embedded(
                vectors=self._matrix([vectors.get(key, nothing) for key in prepared.keys]),
                tokens=tuple(codes.get(key, b"") for key in prepared.keys) if self.encoder else (),
            )
            for prepared in documents
        ]

    async def _embed(self, texts: dict[str, str], vectors: dict[str, Vector], codes: dict[str, bytes]) -> None:
        """Add what the texts become to `vectors` and `codes`, and to the ledger."""
        if self.encoder:
            rows, found = await self.encoder.encode(list(texts.values()))
            new = dict(zip(texts, found, strict=True))
            await self.ledger.cache_codes(tenant=self.tenant, form=self.encoder.code, codes=new)
            codes |= new
        else:
            rows = await self.embedder.embed(list(texts.values()), kind="passage")
        fresh = dict(zip(texts, rows, strict=True))
        await self.ledger.cache(tenant=self.tenant, model=self.embedder.model, vectors=fresh)
        vectors |= {key: vector for key, vector in fresh.items() if key not in vectors}  # as the ledger keeps them
        self.tally.embedded += len(fresh)
        self.tally.tell()

    def _matrix(self, rows: Sequence[Vector]) -> Vectors:
        if not rows:
            return np.zeros((0, self.embedder.model.dim), dtype=np.float32)
        return np.stack(rows).astype(np.float32, copy=False)


def _text(prepared: Prepared, n: int) -> str:
    return embedding_text(prepared.document, prepared.chunks[n])
