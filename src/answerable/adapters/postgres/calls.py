"""The book of calls in Postgres: every call of a model, written beside the work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from answerable.adapters.call_row import call_row, read_call
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.spool import Form, Spool
from answerable.adapters.postgres.spooled import Behind, Spooled, Writing
from answerable.adapters.postgres.statements import statements
from answerable.core.call import Call

_SQL = statements("calls")
BY = ("day", "use", "prompt", "model", "provider", "tenant", "key", "outcome")


class PostgresCalls(Behind[Call]):
    """The Calls port. Open it with `async with`. `tenant` pays for the calls on nobody's behalf."""

    def __init__(self, database: Database, *, spool: Path, tenant: str, queue: int = 1000) -> None:
        self._database = database
        self._tenant = tenant
        writing: Writing[Call] = Writing(name="calls", insert=self._insert, label=lambda call: f"call {call.id}")
        super().__init__(Spooled(writing, spool=Spool(spool, Form(dump=call_row, load=read_call)), queue=queue))

    def write(self, call: Call) -> None:
        """Queue; returns at once."""
        self._writer.write(call if call.tenant else replace(call, tenant=self._tenant))

    async def totals(
        self, *, tenant: str, since: datetime, until: datetime, by: Sequence[str]
    ) -> list[Mapping[str, Any]]:
        """Sums of [since, until) by any of BY, the dearest first, days in their order."""
        values = {"tenant": tenant, "since": since, "until": until, "by": list(by)}
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await (await conn.execute(_SQL["sum_calls"], values)).fetchall()
        left_out = set(BY) - set(by)
        return [{key: value for key, value in row.items() if key not in left_out} for row in rows]

    async def by_trace(self, *, tenant: str, since: datetime, until: datetime) -> list[Mapping[str, Any]]:
        """Cost per question, in order of time."""
        values = {"tenant": tenant, "since": since, "until": until}
        async with self._database.tenant(tenant, readonly=True) as conn:
            return list(await (await conn.execute(_SQL["sum_traces"], values)).fetchall())

    async def _insert(self, batch: Sequence[Call]) -> None:
        """One transaction a tenant. A call that is already there stays as it is."""
        in_order = sorted(batch, key=lambda call: call.tenant)
        for tenant, several in groupby(in_order, key=lambda call: call.tenant):
            async with self._database.tenant(tenant) as conn, conn.cursor() as cursor:
                await cursor.executemany(_SQL["insert_call"], [call_row(call) for call in several])
