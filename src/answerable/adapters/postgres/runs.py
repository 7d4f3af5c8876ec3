"""Evaluation runs and their rows, in Postgres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from answerable.adapters.entry import plain
from answerable.adapters.postgres.database import Connection, Database
from answerable.adapters.postgres.statements import statements
from answerable.adapters.reference import PREFIX, ambiguous_run, unknown_run
from answerable.core.evaluation import Row, Run
from answerable.core.rows import row_of, row_record, run_of, run_record

_SQL = statements("runs")


class PostgresRuns:
    """Runs. Raises DatabaseUnreachable, and IntegrityError for a record that is not ours."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(self, run: Run) -> Run:
        """Begin, or take up again: a run that has this id is returned as it stands."""
        values = {
            "tenant": run.tenant,
            "id": run.id,
            "started_at": run.started_at,
            "finished_at": run.finished_at,
            "label": run.label,
            "commit": run.commit,
            "branch": run.branch,
            "record": Jsonb(plain(run_record(run))),
        }
        async with self._database.tenant(run.tenant) as conn:
            await conn.execute(_SQL["start_run"], values)
            row = await (await conn.execute(_SQL["get_run"], values)).fetchone()
        assert row is not None  # noqa: S101 - inserted above, or there before
        return _run(row)

    async def add(self, *, tenant: str, run: str, row: Row) -> None:
        """Durable when it returns. The same case and repeat again replaces the row. Raises NotFound."""
        values = {
            "tenant": tenant,
            "run": run,
            "case": row.case,
            "repeat": row.repeat,
            "key": row.key,
            "reusable": row.passed is not None,
            "record": Jsonb(plain(row_record(row))),
        }
        async with self._database.tenant(tenant) as conn:
            if await (await conn.execute(_SQL["add_row"], values)).fetchone() is None:
                raise unknown_run(run)

    async def finish(self, *, tenant: str, run: str) -> Run:
        """Raises NotFound."""
        async with self._database.tenant(tenant) as conn:
            row = await (await conn.execute(_SQL["finish_run"], {"tenant": tenant, "id": run})).fetchone()
        if row is None:
            raise unknown_run(run)
        return _run(row)

    async def run(self, *, tenant: str, reference: str) -> Run:
        """By id, label, `latest`, branch, commit, or unique beginning of an id, in that order. Raises NotFound."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            found = await _rows(conn, "find_runs", {"tenant": tenant, "reference": reference})
        if not found:
            raise unknown_run(reference)
        if [row["sense"] for row in found] == [PREFIX, PREFIX]:
            raise ambiguous_run(reference)
        return _run(found[0])

    async def runs(self, *, tenant: str, limit: int = 20) -> list[Run]:
        """Newest first."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            return [_run(row) for row in await _rows(conn, "list_runs", {"tenant": tenant, "limit": limit})]

    async def rows(self, *, tenant: str, run: str) -> list[Row]:
        """By case id, then repeat. Raises NotFound."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            if not await _rows(conn, "has_run", {"tenant": tenant, "id": run}):
                raise unknown_run(run)
            found = await _rows(conn, "list_rows", {"tenant": tenant, "run": run})
        return [row_of(row["record"]) for row in found]

    async def cached(self, *, tenant: str, keys: Sequence[str]) -> Mapping[str, Row]:
        """Rows of earlier runs that were measured, by key: the newest of each. Missing keys are left out."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            found = await _rows(conn, "find_rows", {"tenant": tenant, "keys": list(keys)})
        return {row["key"]: row_of(row["record"]) for row in found}


async def _rows(conn: Connection, name: str, values: Mapping[str, Any]) -> list[DictRow]:
    return await (await conn.execute(_SQL[name], values)).fetchall()


def _run(row: Mapping[str, Any]) -> Run:
    finished = row["finished_at"]
    return run_of({**row["record"], "finished_at": finished.isoformat() if finished else None})
