"""A Store whose vectors lie in an outside index; texts, postings and everything else stay in Postgres.

docs/decisions/0120-vectors-outside.md. A document is written to Postgres as ever, its vectors too, in one
transaction; there they are searched until the outbox has brought them out. So what is written is found at once and
whole, whatever the outside index does, and a crash at any moment leaves only work that the next sync does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.moment import Moment
from answerable.adapters.postgres.snapshot import Known, PostgresSnapshot, SearchLimits
from answerable.adapters.postgres.store import PostgresStore
from answerable.adapters.stores.outbox import Outbox, OutboxLimits
from answerable.adapters.stores.split_snapshot import PATIENCE_S, SplitSnapshot
from answerable.core.document import Chunk, Document
from answerable.core.ports import EmbeddingModel, Indexed, VectorIndex, Vectors
from answerable.core.query import Scope


class SplitStore:
    """A Store over Postgres and a VectorIndex, which it owns: `aclose` closes it."""

    def __init__(
        self,
        database: Database,
        index: VectorIndex,
        *,
        limits: SearchLimits | None = None,
        outbox: OutboxLimits | None = None,
        generation: str = "",
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._patience_s = patience_s
        self._database = database
        self._limits = limits or SearchLimits()
        self._postgres = PostgresStore(database, limits=self._limits, generation=generation, vectors_leave=True)
        self._sending = outbox or OutboxLimits()
        self._unsent = 0
        self._known = Known()
        self.index = index
        self.outbox = Outbox(database, index, limits=self._sending, generation=generation)

    @asynccontextmanager
    async def snapshot(self, scope: Scope) -> AsyncIterator[SplitSnapshot]:
        """One consistent view inside one scope. Raises what Postgres or the index raise, at a search."""
        moment = Moment(self._database, scope.tenant, ef_search=self._limits.ef_search)
        postgres = PostgresSnapshot(moment, scope, limits=self._limits, known=self._known)
        try:
            yield SplitSnapshot(postgres, moment, scope, self.index, patience_s=self._patience_s)
        finally:
            await moment.close()

    async def replace(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: Vectors,
        *,
        model: EmbeddingModel,
        tokens: Sequence[bytes] = (),
    ) -> int:
        """As in Postgres alone; now and then what has gathered is sent, and then the index's errors are raised.

        By then the document is stored and found: only the sending is left to the next who writes, or to `tend`.
        """
        given = Indexed(document=document, chunks=chunks, vectors=vectors, tokens=tokens)
        (version,) = await self.replace_all([given], model=model)
        return version

    async def replace_all(self, documents: Sequence[Indexed], *, model: EmbeddingModel) -> list[int]:
        """As `replace`, for several in one transaction."""
        versions = await self._postgres.replace_all(documents, model=model)
        self._unsent += sum(len(one.chunks) for one in documents)
        if self._unsent >= self._sending.points:
            self._unsent = 0
            await self.outbox.send(tenant=documents[0].document.tenant)
        return versions

    async def remove(self, *, tenant: str, document_ids: Sequence[str]) -> int:
        """Out of every search at once; their points go with the next `tend` after the grace is over."""
        return await self._postgres.remove(tenant=tenant, document_ids=document_ids)

    async def tend(self, *, tenant: str) -> bool:
        """Tend the texts, send what waits, delete what nobody needs, a crash's rest too. Whether there was any."""
        self._unsent = 0
        self._known = Known()
        worded = await self._postgres.tend_texts(tenant=tenant)
        sent = await self.outbox.send(tenant=tenant)
        deleted = await self.outbox.sweep(tenant=tenant)
        return bool(worded or sent or deleted)

    async def aclose(self) -> None:
        """Close the index."""
        await self.index.aclose()
