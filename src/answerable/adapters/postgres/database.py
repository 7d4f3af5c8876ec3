"""A pool of connections that are always somebody's: each transaction belongs to one tenant."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg import IsolationLevel, sql
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from answerable.adapters.postgres.errors import translated
from answerable.adapters.postgres.names import checked_schema, search_path, service_role
from answerable.adapters.postgres.statements import statements
from answerable.core.errors import ConfigError, NotFound

Connection = psycopg.AsyncConnection[DictRow]  # rows are dicts, by column name
_SQL = statements("database")
_GENERATIONS = statements("generations")
_MARK = "#"  # parts a tenant from the number of one of its indexes, so no tenant's own name has it
_NOBODY = ""  # no row has this tenant: the tables check it


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolLimits:
    """How many connections, and how long to wait for one. docs/decisions/0011-database-access.md"""

    size: int = 20
    connect_timeout_s: float = 5.0
    wait_s: float = 5.0


class Database:
    """Transactions as the service role, inside one schema, for one tenant. Not an ORM and not a query builder.

    `revive` is called (in a thread) when the server is gone, before the one retry: the embedded server's `ensure`.
    """

    def __init__(
        self,
        url: str,
        *,
        schema: str = "answerable",
        limits: PoolLimits | None = None,
        revive: Callable[[], object] | None = None,
    ) -> None:
        self._url = url
        self.schema = checked_schema(schema)
        self._limits = limits or PoolLimits()
        self._revive = revive
        self._vector_schema = "public"
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            min_size=min(2, self._limits.size),
            max_size=self._limits.size,
            timeout=self._limits.wait_s,
            open=False,
            name="answerable",
            kwargs={
                "autocommit": True,  # transactions are begun by name, below
                "row_factory": dict_row,
                "connect_timeout": max(2, round(self._limits.connect_timeout_s)),
                "application_name": "answerable",
            },
        )

    @property
    def has_spare(self) -> bool:
        """Whether another connection could be had without anybody waiting for it."""
        stats = self._pool.get_stats()
        room = stats["pool_available"] > 0 or stats["pool_size"] < stats["pool_max"]
        return room and not stats["requests_waiting"]

    async def open(self) -> Self:
        """Connect, and see that the role has no way around row-level security.

        Raises DatabaseUnreachable, or ConfigError where the role or the schema is not fit.
        """
        with translated():
            # One plain connection first: the pool would only say that its time was up, this says why.
            async with await self._connect() as conn:
                found = await (await conn.execute(_SQL["find_vector_schema"])).fetchone()
            if found is None:
                raise ConfigError("the database has no vector extension", hint="run `answerable db migrate`")
            self._vector_schema = str(found["nspname"])
            await self._pool.open(wait=True, timeout=self._limits.wait_s)
        try:
            await self._check_role()
        except BaseException:
            await self.close()
            raise
        return self

    async def close(self) -> None:
        """Give every connection back."""
        await self._pool.close()

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        await self.close()

    @asynccontextmanager
    async def tenant(
        self, tenant: str, *, readonly: bool = False, snapshot: str | None = None
    ) -> AsyncIterator[Connection]:
        """A transaction that sees one tenant's rows and no other's; committed at the end, rolled back on an error.

        `readonly` means REPEATABLE READ READ ONLY: every statement sees the same moment. `snapshot`, only with
        `readonly`, is the name that `export_snapshot` gave for another open transaction: both see its moment.
        Raises DatabaseUnreachable; psycopg's errors from inside the block come out translated as well.
        """
        if not tenant:
            raise ConfigError("a tenant has no name", hint="name the tenant of the request")
        if _MARK in tenant:
            raise ConfigError(f"a tenant cannot be called {tenant!r}", hint=f"a name without {_MARK}")
        async with self._transaction(tenant, readonly=readonly, snapshot=snapshot) as conn:
            yield conn

    @asynccontextmanager
    async def index(
        self, tenant: str, *, generation: str = "", readonly: bool = False
    ) -> AsyncIterator[tuple[Connection, str]]:
        """A transaction as of `tenant`, on the rows of the tenant's active index or of the `generation` named.

        Gives the connection and the name that those rows carry as their tenant; docs/decisions/0115. Without
        `readonly` a switch to another index waits for this transaction. Raises NotFound for no such generation.
        """
        async with self.tenant(tenant, readonly=readonly) as conn:
            wanted = {"tenant": tenant, "wanted": generation, "writing": not readonly}
            row = await (await conn.execute(_GENERATIONS["open_index"], wanted, prepare=True)).fetchone()
            if row is None or row["name"] is None:
                raise NotFound(f"there is no index {generation!r}", hint="`answerable index status` names them")
            yield conn, str(row["name"])

    @asynccontextmanager
    async def nobody(self) -> AsyncIterator[Connection]:
        """A transaction before the tenant is known (a token is being looked up): it sees no tenant's rows."""
        async with self._transaction(_NOBODY, readonly=False, snapshot=None) as conn:
            yield conn

    @asynccontextmanager
    async def _transaction(
        self, tenant: str, *, readonly: bool, snapshot: str | None
    ) -> AsyncIterator[Connection]:
        with translated():
            try:
                stack, conn = await self._enter(tenant, readonly=readonly, snapshot=snapshot)
            except psycopg.OperationalError:
                # The server went away under an idle connection. Nothing was done yet, so once more is safe.
                await self._recover()
                stack, conn = await self._enter(tenant, readonly=readonly, snapshot=snapshot)
            async with stack:
                yield conn

    async def _enter(
        self, tenant: str, *, readonly: bool, snapshot: str | None
    ) -> tuple[AsyncExitStack, Connection]:
        async with AsyncExitStack() as stack:
            conn = await stack.enter_async_context(self._pool.connection())
            await conn.set_isolation_level(IsolationLevel.REPEATABLE_READ if readonly else None)
            await conn.set_read_only(True if readonly else None)
            await stack.enter_async_context(conn.transaction())
            if snapshot:  # a utility statement takes no parameters: psycopg quotes the literal
                await conn.execute(sql.SQL(_SQL["take_snapshot"]).format(snapshot=sql.Literal(snapshot)))
            await conn.execute(_SQL["enter"], self._identity(tenant))
            return stack.pop_all(), conn

    def _identity(self, tenant: str) -> dict[str, str]:
        path = search_path(self.schema, self._vector_schema)
        return {"role": service_role(self.schema), "path": path, "tenant": tenant}

    async def _recover(self) -> None:
        if self._revive is not None:
            await asyncio.to_thread(self._revive)
        await self._pool.check()

    async def _connect(self) -> Connection:
        return await Connection.connect(self._url, row_factory=dict_row, connect_timeout=self._connect_timeout)

    @property
    def _connect_timeout(self) -> int:
        return max(2, round(self._limits.connect_timeout_s))

    async def _check_role(self) -> None:
        async with self.nobody() as conn:
            facts = await (await conn.execute(_SQL["describe_role"])).fetchone()
        void = [name for name, true in (facts or {}).items() if true]
        if void:
            raise ConfigError(
                f"role {service_role(self.schema)} would see every tenant's rows ({', '.join(void)})",
                hint="take SUPERUSER, BYPASSRLS and the tables' ownership from it",
            )


async def export_snapshot(conn: Connection) -> str:
    """The name of this transaction's moment, for `Database.tenant(..., snapshot=name)` while this one is open."""
    row: dict[str, Any] | None = await (await conn.execute(_SQL["export_snapshot"])).fetchone()
    assert row is not None  # noqa: S101 - the function always gives a row
    return str(row["pg_export_snapshot"])
