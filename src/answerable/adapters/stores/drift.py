"""Whether the outside index holds what Postgres says it does, and making it so.

Postgres is right, always: what is too much outside is deleted, what is missing is made anew from the chunks.
Without an outside index the same is asked of the vectors in Postgres, so that a project can go there and back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from psycopg.rows import DictRow

from answerable.adapters.postgres.binary import HalfVectors, Numbers, register
from answerable.adapters.postgres.database import Connection, Database
from answerable.adapters.postgres.statements import statements
from answerable.adapters.stores.outbox import Outbox, OutboxLimits
from answerable.core.document import Chunk, Document, embedding_text
from answerable.core.ports import EmbeddingModel, PointKey, Space, VectorIndex, Vectors

_SQL = statements("vectors")
_DELETED_TOGETHER = 1000
_AT_ONCE = OutboxLimits(claim_s=0.0)

MakeVectors = Callable[[Sequence[str]], Awaitable[Vectors]]  # of embedding texts, one row each


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What is not as it should be. `waiting` and `superseded` are work that the next sync does, not faults."""

    live: int = 0  # documents that are searched outside
    waiting: int = 0  # documents whose vectors are still in Postgres, and searched there
    superseded: int = 0  # sets of points that are kept for searches under way, or were not deleted yet
    abandoned: int = 0  # sets whose sender died
    bare: tuple[str, ...] = ()  # documents whose vectors are nowhere: no nearness finds them
    missing: tuple[str, ...] = ()  # documents with points that are not there any more
    orphans: Mapping[Space, Sequence[PointKey]] = field(default_factory=dict)  # points of no set

    @property
    def faults(self) -> int:
        """How many documents are not found by nearness, and points that are nobody's; 0 is health."""
        return len(self.bare) + len(self.missing) + sum(map(len, self.orphans.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciler:
    """Finds drift and repairs it. Safe beside readers and writers. Raises what Postgres and the index raise."""

    database: Database
    index: VectorIndex | None  # None: the vectors lie in Postgres
    make_vectors: MakeVectors
    model: EmbeddingModel
    generation: str = ""

    async def find(self, *, tenant: str) -> Drift:
        """Every point is listed once; so long it takes, a second for some ten thousands."""
        async with self._rows(tenant) as (conn, place):
            bare = tuple(row["id"] for row in await _all(conn, "find_bare", place))
            (states,) = await _all(conn, "count_states", place)
            before = await _all(conn, "list_sets", place)
            spaces = [Space(tenant=place["tenant"], **row) for row in await _all(conn, "list_spaces", place)]
        if self.index is None:
            return Drift(bare=bare)
        held = {space: [key async for key in self.index.keys(space)] for space in spaces}
        async with self._rows(tenant) as (conn, place):
            after = await _all(conn, "list_sets", place)
        found = Counter(key.stamp for keys in held.values() for key in keys)
        live = {row["stamp"] for row in after if row["state"] == "live"}
        known = {row["stamp"] for row in [*before, *after]}
        lost = [
            row["document_id"] for row in before if row["stamp"] in live and found[row["stamp"]] < row["points"]
        ]
        orphans = {space: [key for key in keys if key.stamp not in known] for space, keys in held.items()}
        return Drift(
            live=states["live"],
            waiting=states["waiting"],
            superseded=states["superseded"],
            abandoned=states["sending"],
            bare=bare,
            missing=tuple(sorted(lost)),
            orphans={space: keys for space, keys in orphans.items() if keys},
        )

    async def repair(self, *, tenant: str) -> Drift:
        """Make good what `find` finds; returns what that was. Twice is once."""
        drift = await self.find(tenant=tenant)
        for document in drift.missing:
            async with self._rows(tenant) as (conn, place):
                await conn.execute(_SQL["supersede_document"], {**place, "id": document})
        for document in (*drift.bare, *drift.missing):
            await self._refill(tenant, document)
        if self.index is None:
            return drift
        for space, keys in drift.orphans.items():
            for start in range(0, len(keys), _DELETED_TOGETHER):
                await self.index.delete(space, keys[start : start + _DELETED_TOGETHER])
        outbox = Outbox(self.database, self.index, limits=_AT_ONCE, generation=self.generation)
        await outbox.send(tenant=tenant)
        await outbox.sweep(tenant=tenant)
        return drift

    async def _refill(self, tenant: str, document: str) -> None:
        """Put a document's vectors into Postgres, where they are searched and sent from."""
        async with self._rows(tenant) as (conn, place):
            rows = await _all(conn, "read_bare", {**place, "id": document})
        if not rows or (rows[0]["key"], rows[0]["dim"]) != (self.model.key, self.model.dim):
            return  # gone meanwhile, or of a model that is not configured any more: a sync embeds it anew
        vectors = await self.make_vectors([_text(row) for row in rows])
        columns = {
            "chunks": Numbers(np.asarray([row["no"] for row in rows], dtype=np.int64)),
            "vectors": HalfVectors(vectors),
        }
        async with self._rows(tenant) as (conn, place):
            register(conn)
            await conn.execute(_SQL["lock_document"], {**place, "id": document})
            same = {key: rows[0][key] for key in ("model", "dim", "sha256")}
            await conn.execute(_SQL["fill_vectors"], {**place, **same, **columns, "id": document})

    @asynccontextmanager
    async def _rows(self, tenant: str) -> AsyncIterator[tuple[Connection, dict[str, Any]]]:
        async with self.database.index(tenant, generation=self.generation) as (conn, name):
            yield conn, {"tenant": name, "place": self.index.name if self.index else ""}


def _text(row: DictRow) -> str:
    """What ingestion embedded for this chunk."""
    document = Document(source=row["source"], uri=row["uri"], title=row["title"], text="", tenant="")
    chunk = Chunk(
        document_id="",
        start=row["start_at"],
        end=row["end_at"],
        text=row["text"],
        headings=tuple(row["headings"]),
        parent=row["parent"],
        tokens=row["tokens"],
        meta=row["meta"],
    )
    return embedding_text(document, chunk)


async def _all(conn: Connection, name: str, values: Mapping[str, Any]) -> list[DictRow]:
    return await (await conn.execute(_SQL[name], values)).fetchall()
