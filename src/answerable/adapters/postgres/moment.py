"""One moment of the database: a read-only transaction of a tenant, opened when somebody first asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from psycopg.rows import class_row

from answerable.adapters.postgres.binary import register
from answerable.adapters.postgres.database import Connection, Database
from answerable.adapters.postgres.errors import translated
from answerable.adapters.postgres.statements import statements

_SQL = statements("search")


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What a tenant's index is at that moment. Without a model there is nothing in it."""

    tenant: str  # that its rows carry
    model: int | None
    dim: int | None
    chunks: int  # that are searched
    terms: int  # in them, repeats counted
    graph: bool  # there is an HNSW index of this dimension


class Moment:
    """Its callers take turns: a second connection on the same moment costs more than it saves.

    docs/decisions/0134-one-connection-a-snapshot.md
    """

    def __init__(self, database: Database, tenant: str, *, ef_search: int) -> None:
        self._database = database
        self._tenant = tenant
        self._settings = {"tenant": tenant, "ef_search": str(ef_search)}
        self._stack = AsyncExitStack()
        self._turn = asyncio.Lock()
        self._opened: tuple[Connection, Index] | None = None

    @property
    def tenant(self) -> str:
        """The tenant that the rows of the active index carry; known once a connection was given."""
        return self._opened[1].tenant if self._opened else self._tenant

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[tuple[Connection, Index]]:
        """The connection for one caller at a time, in a transaction of the tenant, and what the index is."""
        async with self._turn:
            if self._opened is None:
                self._opened = await self._open()
            with translated():
                yield self._opened

    async def close(self) -> None:
        """End the transaction and give the connection back."""
        await self._stack.aclose()

    async def _open(self) -> tuple[Connection, Index]:
        conn = await self._stack.enter_async_context(self._database.tenant(self._tenant, readonly=True))
        register(conn)
        with translated():
            async with conn.cursor(row_factory=class_row(Index), binary=True) as cursor:
                await cursor.execute(_SQL["open_snapshot"], self._settings)
                index = await cursor.fetchone()
        assert index is not None  # noqa: S101 - the statement always gives a row
        return conn, index
