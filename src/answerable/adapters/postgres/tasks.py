"""Tasks in Postgres: as they stand, open and closed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from psycopg.types.json import Json

from answerable.adapters.event_row import read_task, task_values
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements
from answerable.core.task import Task

_SQL = statements("events")
_AT_ONCE = 1000  # tasks a statement
_PAGE = 2000  # tasks a read


class PostgresTasks:
    """The Tasks port. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, tasks: Sequence[Task]) -> None:
        """Write them; of several with one id the last stands. One transaction a tenant."""
        last = {(one.tenant, one.id): one for one in tasks}
        in_order = [last[key] for key in sorted(last)]
        for tenant, several in groupby(in_order, key=lambda one: one.tenant):
            rows = [task_values(one) for one in several]
            async with self._database.tenant(tenant) as conn:
                for start in range(0, len(rows), _AT_ONCE):
                    await conn.execute(_SQL["put_tasks"], {"tasks": Json(rows[start : start + _AT_ONCE])})

    async def open_tasks(self, *, tenant: str) -> list[Task]:
        """Not closed yet, the one that was longest without a turn first."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await (await conn.execute(_SQL["list_open_tasks"], {"tenant": tenant})).fetchall()
        return [read_task(row) for row in rows]

    async def closed(self, *, tenant: str, since: datetime, until: datetime) -> AsyncIterator[Task]:
        """By `closed_at`, then id, `since` included, `until` not; page by page."""
        page: dict[str, Any] = {"tenant": tenant, "since": since, "until": until, "after": "", "limit": _PAGE}
        while True:
            async with self._database.tenant(tenant, readonly=True) as conn:
                rows = await (await conn.execute(_SQL["read_closed_tasks"], page)).fetchall()
            for row in rows:
                yield read_task(row)
            if len(rows) < _PAGE:
                return
            page |= {"since": rows[-1]["closed_at"], "after": rows[-1]["id"]}
