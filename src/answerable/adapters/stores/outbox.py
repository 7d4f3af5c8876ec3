"""From Postgres into the outside index: what waits is sent, what is superseded is deleted.

Each step is safe to be killed in. An intent is committed before the first point is sent, and its row is held as
long as the sender lives; so a row that can be had is a dead sender's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from psycopg.rows import DictRow

from answerable.adapters.postgres.binary import unpack_halves
from answerable.adapters.postgres.database import Connection, Database
from answerable.adapters.postgres.statements import statements
from answerable.adapters.stores.facets import facets
from answerable.core.ports import PointKey, PointSet, Space, VectorIndex

_SQL = statements("vectors")
_SWEPT_TOGETHER = 200  # sets


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxLimits:
    """How much goes together, and how long what was superseded stays. docs/decisions/0120-vectors-outside.md"""

    points: int = 1000
    grace_s: float = 60.0  # longer than any snapshot is used: an older one may still need the points
    claim_s: float = 10.0  # longer than it takes from announcing to holding the rows


class Outbox:
    """Brings one place in step with Postgres. Any number may run at once."""

    def __init__(
        self, database: Database, index: VectorIndex, *, limits: OutboxLimits | None = None, generation: str = ""
    ) -> None:
        self._database = database
        self._index = index
        self._limits = limits or OutboxLimits()
        self._generation = generation  # of the tenant's indexes; the active one when empty

    async def send(self, *, tenant: str) -> int:
        """Everything that waits; returns how many documents are live now that were not. Raises the index's."""
        live = 0
        while stamps := await self._announce(tenant):
            settled = await self._send(tenant, stamps)
            live += settled
            if not settled:  # all of them became others meanwhile; whoever wrote them sends them
                break
        return live

    async def sweep(self, *, tenant: str, grace_s: float | None = None) -> int:
        """Delete the points of superseded sets; returns how many sets."""
        grace = self._limits.grace_s if grace_s is None else grace_s
        async with self._rows(tenant) as (conn, place):
            await conn.execute(_SQL["reclaim_sets"], place)
            await conn.execute(_SQL["supersede_sets"], place)
        swept = 0
        while count := await self._sweep(tenant, grace):
            swept += count
        return swept

    async def drop(self, *, tenant: str) -> int:
        """Delete every point of this generation, at once: nobody searches it any more."""
        async with self._rows(tenant) as (conn, place):
            await conn.execute(_SQL["drop_sets"], place)
        dropped = 0
        while count := await self._sweep(tenant, 0.0):
            dropped += count
        return dropped

    async def _announce(self, tenant: str) -> list[str]:
        """The stamps under which the next documents are going to be sent."""
        async with self._rows(tenant) as (conn, place):
            await conn.execute(_SQL["take_turns"], place)
            await conn.execute(_SQL["reclaim_sets"], place)
            rows = await _all(conn, "announce_sets", {**place, "points": self._limits.points})
        return [row["stamp"] for row in rows]

    async def _send(self, tenant: str, stamps: Sequence[str]) -> int:
        async with self._rows(tenant) as (conn, place):
            held = await _all(conn, "hold_sets", {**place, "stamps": list(stamps)})
            wanted = {**place, "stamps": [row["stamp"] for row in held]}
            sets = _point_sets(await _read(conn, wanted))
            for space, rows in _by_space(place["tenant"], held).items():
                one = [sets[row["stamp"]] for row in rows if row["stamp"] in sets]
                await self._index.upsert(space, one)
            settled = [row for row in await _all(conn, "hold_documents", wanted) if row["stamp"] in sets]
            await conn.execute(_SQL["settle_sets"], {**wanted, "live": [row["stamp"] for row in settled]})
            await conn.execute(_SQL["release_vectors"], {**place, "documents": [row["no"] for row in settled]})
        return len(settled)

    async def _sweep(self, tenant: str, grace_s: float) -> int:
        async with self._rows(tenant) as (conn, place):
            wanted = {**place, "grace_s": grace_s, "sets": _SWEPT_TOGETHER}
            taken = await _all(conn, "take_superseded", wanted)
            for space, rows in _by_space(place["tenant"], taken).items():
                keys = [PointKey(row["stamp"], n) for row in rows for n in range(row["points"])]
                await self._index.delete(space, keys)
            await conn.execute(_SQL["forget_sets"], {**place, "stamps": [row["stamp"] for row in taken]})
        return len(taken)

    @asynccontextmanager
    async def _rows(self, tenant: str) -> AsyncIterator[tuple[Connection, dict[str, Any]]]:
        """A transaction on one index's rows, and what tells them from others: `tenant` is the name they carry."""
        async with self._database.index(tenant, generation=self._generation) as (conn, name):
            yield conn, {"tenant": name, "place": self._index.name, "claim_s": self._limits.claim_s}


def _by_space(tenant: str, rows: Sequence[DictRow]) -> dict[Space, list[DictRow]]:
    found: dict[Space, list[DictRow]] = {}
    for row in rows:
        found.setdefault(Space(tenant=tenant, model=row["model"], dim=row["dim"]), []).append(row)
    return found


def _point_sets(rows: Sequence[DictRow]) -> dict[str, PointSet]:
    """By stamp; the rows of a set come together."""
    return {stamp: _point_set(stamp, list(group)) for stamp, group in groupby(rows, key=lambda row: row["stamp"])}


def _point_set(stamp: str, rows: Sequence[DictRow]) -> PointSet:
    first = rows[0]
    vectors = np.stack([unpack_halves(row["vector"]) for row in rows])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)  # halves are a little off
    return PointSet(
        stamp=stamp,
        chunk_ids=[row["chunk"] for row in rows],
        vectors=vectors,
        facets=facets(
            document=first["document"],
            source=first["source"],
            status=first["status"],
            language=first["language"],
            acl=first["acl"],
            meta=first["meta"],
        ),
    )


async def _read(conn: Connection, wanted: Mapping[str, Any]) -> list[DictRow]:
    async with conn.cursor(binary=True) as cursor:
        await cursor.execute(_SQL["read_sets"], wanted)
        return await cursor.fetchall()


async def _all(conn: Connection, name: str, values: Mapping[str, Any]) -> list[DictRow]:
    return await (await conn.execute(_SQL[name], values)).fetchall()
