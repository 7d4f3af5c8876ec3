"""One moment of the database, seen through at most two connections, so that two searches run side by side."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from psycopg.rows import class_row

from answerable.adapters.postgres.binary import register
from answerable.adapters.postgres.database import Connection, Database
from answerable.adapters.postgres.errors import translated
from answerable.adapters.postgres.statements import statements
from answerable.core.errors import AnswerableError

_SQL = statements("search")


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What a tenant's index is at that moment. Without a model there is nothing in it."""

    snapshot: str
    tenant: str  # that its rows carry
    model: int | None
    dim: int | None
    chunks: int  # that are searched
    terms: int  # in them, repeats counted
    graph: bool  # there is an HNSW index of this dimension


class Moment:
    """The first who asks opens a transaction; one who meets it busy opens a second one on the same moment.

    Where the pool has no second connection to give, they take turns on the first: to wait for the pool while
    holding one of its connections could stop all who do so.
    """

    def __init__(self, database: Database, tenant: str, *, ef_search: int) -> None:
        self._database = database
        self._tenant = tenant
        self._settings = {"tenant": tenant, "ef_search": str(ef_search)}
        self._stack = AsyncExitStack()
        self._opening = asyncio.Lock()
        self._index: Index | None = None
        self._idle: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
        self._second: asyncio.Task[None] | None = None

    @property
    def tenant(self) -> str:
        """The tenant that the rows of the active index carry; known once a connection was given."""
        return self._index.tenant if self._index else self._tenant

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[tuple[Connection, Index]]:
        """A connection for one caller at a time, in a transaction of the tenant, and what the index is."""
        index = await self._open()
        conn = await self._take(index)
        try:
            with translated():
                yield conn, index
        finally:
            self._idle.put_nowait(conn)

    async def close(self) -> None:
        """End both transactions and give the connections back."""
        if self._second is not None:
            self._second.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._second
        await self._stack.aclose()

    async def _open(self) -> Index:
        async with self._opening:
            if self._index is None:
                conn = await self._stack.enter_async_context(self._database.tenant(self._tenant, readonly=True))
                register(conn)
                with translated():
                    async with conn.cursor(row_factory=class_row(Index), binary=True) as cursor:
                        await cursor.execute(_SQL["open_snapshot"], self._settings)
                        self._index = await cursor.fetchone()
                assert self._index is not None  # noqa: S101 - the statement always gives a row
                self._idle.put_nowait(conn)
            return self._index

    async def _take(self, index: Index) -> Connection:
        # Only where nobody waits for it: on a full machine, taking turns on one is quicker than a queue.
        if self._idle.empty() and self._second is None and self._database.has_spare:
            self._second = asyncio.create_task(self._open_second(index))
        return await self._idle.get()

    async def _open_second(self, index: Index) -> None:
        another = self._database.beside(index.tenant, snapshot=index.snapshot)
        with contextlib.suppress(AnswerableError):  # the first one serves both
            conn = await self._stack.enter_async_context(another)
            register(conn)
            with translated():
                await conn.execute(_SQL["join_snapshot"], self._settings)
            self._idle.put_nowait(conn)
