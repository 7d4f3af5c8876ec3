"""A faulty database: the pool of another one, with a fault at each transaction. The server knows nothing of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import psycopg

from answerable.adapters.postgres.database import Connection, Database
from answerable.adapters.postgres.errors import translated
from answerable.core.ports import Snapshot, Store
from answerable.core.query import Scope
from answerable.testing.faults.fault import Fault
from answerable.testing.faults.harm import Harm
from answerable.testing.faults.readonly import ReadOnlyStore

_NOBODY = "fault-drill-nobody"


class FaultyDatabase(Database):
    """A Database whose transactions fail as told; it opens and closes nothing.

    garbage: the first statements of a tenant's transaction go well and the others fail, as when the server
    ends it. An empty one can do nothing here: see EmptiedStore.
    """

    def __init__(self, inner: Database, harm: Harm, *, good: int = 1) -> None:
        self._inner = inner
        self._harm = harm
        self._good = good  # statements of a transaction before the first that fails
        self.schema = inner.schema

    @property
    def has_spare(self) -> bool:
        """The inner one's."""
        return self._inner.has_spare

    @asynccontextmanager
    async def _transaction(
        self, tenant: str, *, readonly: bool, snapshot: str | None
    ) -> AsyncIterator[Connection]:
        with translated():
            await self._harm.strike(psycopg.OperationalError("a drill: server closed the connection unexpectedly"))
        async with self._inner._transaction(tenant, readonly=readonly, snapshot=snapshot) as conn:
            if self._harm.fault is Fault.GARBAGE and tenant:
                with translated():
                    yield cast("Connection", _Failing(conn, self._good))
            else:
                yield conn


class _Failing:
    """A connection that breaks after so many statements."""

    def __init__(self, inner: Connection, good: int) -> None:
        self._inner, self._left = inner, good

    def __getattr__(self, name: str) -> Any:
        if name in ("cursor", "execute"):
            self._count()
        return getattr(self._inner, name)

    def _count(self) -> None:
        if self._left <= 0:
            raise psycopg.errors.DataCorrupted("a drill: invalid page in block 7")
        self._left -= 1


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptiedStore(ReadOnlyStore):
    """A Store in which there is nothing: a search in it is one of a tenant that has no rows."""

    inner: Store

    @asynccontextmanager
    async def snapshot(self, scope: Scope) -> AsyncIterator[Snapshot]:
        """The inner one's for nobody."""
        async with self.inner.snapshot(replace(scope, tenant=_NOBODY)) as view:
            yield view
