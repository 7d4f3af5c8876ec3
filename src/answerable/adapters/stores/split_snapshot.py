"""One moment of a split store: words and texts from Postgres, nearness from the outside index."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np

from answerable.adapters.postgres.access import readable_by
from answerable.adapters.postgres.binary import HalfVector, Numbers
from answerable.adapters.postgres.moment import Index, Moment
from answerable.adapters.postgres.snapshot import PostgresSnapshot, fetch_passages
from answerable.adapters.postgres.statements import statements
from answerable.adapters.stores.facets import conditions
from answerable.core.errors import ModelMismatch, Unreachable
from answerable.core.passage import Passage
from answerable.core.ports import Hit, Space, Vector, VectorIndex
from answerable.core.query import Scope

_SQL = statements("vectors")
PATIENCE_S = 3.0  # for one search outside: an answer then still has time to be made of words
_FURTHER = 4  # times as many points are asked for when too many of the nearest were stale
_FURTHEST = 10_000  # points one search can be asked for, the smallest limit of the services


class SplitSnapshot:
    """A Snapshot. A point is worth what Postgres says of it at this moment: of a document as it stands, in the
    scope. So a stale or a foreign point costs a place in the list at the most, and never shows anything."""

    def __init__(
        self,
        postgres: PostgresSnapshot,
        moment: Moment,
        scope: Scope,
        index: VectorIndex,
        *,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._patience_s = patience_s
        self._postgres = postgres
        self._moment = moment
        self._scope = scope
        self._index = index

    async def dense(self, vector: Vector, *, limit: int) -> list[Passage]:
        """The nearest outside and among those that wait in Postgres. Raises ModelMismatch and the index's errors.

        The moment is fixed before the index is asked: what was live then, its points had been written before.
        """
        async with self._moment.connection() as (conn, index):
            if index.model is None or limit <= 0:
                return []
            if len(vector) != index.dim:
                raise ModelMismatch(f"the index has {index.dim} dimensions, the question {len(vector)}")
            wanted = {"tenant": index.tenant, "model": index.model}
            found = await (await conn.execute(_SQL["find_space"], wanted)).fetchone()
        if found is None:
            return []
        space = Space(tenant=index.tenant, model=found["key"], dim=found["dim"])
        waiting = self._search_waiting(index, vector, limit) if found["waiting"] else _nothing()
        outside, here = await asyncio.gather(self._search_outside(space, vector, limit), waiting)
        return _best([*outside, *here], limit)

    async def lexical(self, text: str, *, limit: int, language: str = "en") -> list[Passage]:
        """Postgres's own."""
        return await self._postgres.lexical(text, limit=limit, language=language)

    async def idf(self, text: str, *, language: str = "en") -> dict[str, float]:
        """Postgres's own."""
        return await self._postgres.idf(text, language=language)

    async def get(self, chunk_ids: Sequence[str]) -> list[Passage]:
        """Postgres's own."""
        return await self._postgres.get(chunk_ids)

    async def unknown(self, text: str, *, language: str = "en") -> tuple[str, ...]:
        """Postgres's own."""
        return await self._postgres.unknown(text, language=language)

    async def alike(self, words: Sequence[str], *, language: str = "en") -> dict[str, tuple[tuple[str, int], ...]]:
        """Postgres's own."""
        return await self._postgres.alike(words, language=language)

    async def _search_outside(self, space: Space, vector: Vector, limit: int) -> list[Passage]:
        asked, narrowing = limit, conditions(self._scope)
        while True:
            hits = await self._hits(space, vector, limit=asked, conditions=narrowing)
            found = _best(await self._resolve(hits), limit)
            if len(found) >= limit or len(hits) < asked or asked >= _FURTHEST:
                return found
            asked = min(asked * _FURTHER, _FURTHEST)

    async def _hits(
        self, space: Space, vector: Vector, *, limit: int, conditions: Sequence[Sequence[str]]
    ) -> list[Hit]:
        """No connection is held meanwhile. Raises Unreachable when it takes too long for an answer."""
        try:
            async with asyncio.timeout(self._patience_s):
                return await self._index.search(space, vector, limit=limit, conditions=conditions)
        except TimeoutError as late:
            raise Unreachable(
                f"{self._index.name} did not search within {self._patience_s:g} s", hint="see that it is well"
            ) from late

    async def _resolve(self, hits: Sequence[Hit]) -> list[Passage]:
        if not hits:
            return []
        columns = {
            "stamps": [hit.stamp for hit in hits],
            "ids": [hit.chunk_id for hit in hits],
            "scores": Numbers(np.asarray([hit.score for hit in hits], dtype=np.float64)),
        }
        async with self._moment.connection() as (conn, _):
            return await fetch_passages(conn, _SQL["resolve_hits"], self._wanted(columns), arm="dense")

    async def _search_waiting(self, index: Index, vector: Vector, limit: int) -> list[Passage]:
        wanted = {"vector": HalfVector(vector), "model": index.model, "limit": limit}
        async with self._moment.connection() as (conn, _):
            return await fetch_passages(conn, _SQL["search_waiting"], self._wanted(wanted), arm="dense")

    def _wanted(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**readable_by(self._scope), "tenant": self._moment.tenant, **values}


async def _nothing() -> list[Passage]:
    return []


def _best(passages: Sequence[Passage], limit: int) -> list[Passage]:
    """A chunk that is in both places counts once."""
    ordered = sorted(passages, key=lambda one: -one.score)
    return list({one.chunk.id: one for one in reversed(ordered)}.values())[::-1][:limit]
