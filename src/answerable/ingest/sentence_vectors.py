"""Vectors of sentences for a chunker in a thread beside the loop: looked up where known, embedded where not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from answerable.core.identity import sha256_hex
from answerable.core.ports import Embedder, Ledger, Vector, Vectors
from answerable.ingest.slices import slices

_TEXTS = 256  # embedded together


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopVectors:
    """SentenceVectors by an Embedder that lives in `loop`; with a ledger, every sentence is embedded once ever."""

    embedder: Embedder
    loop: asyncio.AbstractEventLoop
    ledger: Ledger | None = None
    tenant: str = ""

    @property
    def key(self) -> str:
        """The embedding model's."""
        return self.embedder.model.key

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """One row a text. Waits for the loop, so never in its thread. Raises what the embedder raises."""
        return asyncio.run_coroutine_threadsafe(self._vectors(texts), self.loop).result()

    async def _vectors(self, texts: Sequence[str]) -> Vectors:
        wanted = {sha256_hex(text): text for text in texts}
        known = dict[str, Vector]()
        for keys in slices(list(wanted), _TEXTS):
            known |= await self._some({key: wanted[key] for key in keys})
        rows = [known[sha256_hex(text)] for text in texts]
        return np.stack(rows) if rows else np.zeros((0, self.embedder.model.dim), dtype=np.float32)

    async def _some(self, wanted: dict[str, str]) -> dict[str, Vector]:
        model = self.embedder.model
        known = dict[str, Vector]()
        if self.ledger:
            known = await self.ledger.cached(tenant=self.tenant, model=model, keys=list(wanted))
        missing = [key for key in wanted if key not in known]
        if missing:
            rows = await self.embedder.embed([wanted[key] for key in missing], kind="passage")
            made = dict(zip(missing, rows, strict=True))
            known = {**known, **made}
            if self.ledger:
                await self.ledger.cache(tenant=self.tenant, model=model, vectors=made)
        return known
