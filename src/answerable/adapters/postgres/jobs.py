"""The book of jobs in Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from answerable.adapters.entry import plain
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements
from answerable.core.job import JobRun, JobStanding, RunState

_SQL = statements("jobs")


class PostgresJobRuns:
    """The JobRuns port. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, *, tenant: str, run: JobRun) -> None:
        """Write that it runs."""
        async with self._database.tenant(tenant) as conn:
            await conn.execute(_SQL["lose_runs"], _values(tenant, run))
            await conn.execute(_SQL["put_run"], _values(tenant, run))

    async def end(self, *, tenant: str, run: JobRun) -> None:
        """Write how it ended."""
        async with self._database.tenant(tenant) as conn:
            await conn.execute(_SQL["put_run"], _values(tenant, run))

    async def standing(self, *, tenant: str, jobs: Sequence[str]) -> list[JobStanding]:
        """One for each name."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await (await conn.execute(_SQL["last_runs"], {"tenant": tenant, "jobs": list(jobs)})).fetchall()
        last = {row["job"]: row for row in rows if row["why"] == "last"}
        done = {row["job"]: row for row in rows if row["why"] == "done"}
        return [
            JobStanding(
                job=job,
                last=_run(last[job]) if job in last else None,
                done=_run(done[job]) if job in done else None,
                failed=int(last[job]["failed"]) if job in last else 0,
            )
            for job in jobs
        ]

    async def newest(self, *, tenant: str, job: str = "", limit: int = 50) -> list[JobRun]:
        """Newest first."""
        wanted = {"tenant": tenant, "job": job, "limit": limit}
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await (await conn.execute(_SQL["newest_runs"], wanted)).fetchall()
        return [_run(row) for row in rows]

    async def forget(self, *, tenant: str, before: datetime) -> int:
        """Delete runs that began earlier."""
        async with self._database.tenant(tenant) as conn:
            done = await conn.execute(_SQL["forget_runs"], {"tenant": tenant, "before": before})
        return done.rowcount


async def waiting_jobs(database: Database, tenant: str) -> dict[str, tuple[int, int]]:
    """By name: how many wait in the queue, and how many are under way."""
    async with database.tenant(tenant, readonly=True) as conn:
        rows = await (await conn.execute(_SQL["waiting_jobs"], {"tenant": tenant})).fetchall()
    return {row["name"]: (row["waiting"], row["doing"]) for row in rows}


def _values(tenant: str, run: JobRun) -> dict[str, object]:
    return {
        "tenant": tenant,
        "job": run.job,
        "tick": run.tick,
        "attempt": run.attempt,
        "worker": plain(run.worker),
        "state": run.state.value,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "told": Jsonb(plain(dict(run.told))),
        "error": plain(run.error),
    }


def _run(row: DictRow) -> JobRun:
    return JobRun(
        job=row["job"],
        tick=row["tick"],
        attempt=row["attempt"],
        worker=row["worker"],
        state=RunState(row["state"]),
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        told=row["told"],
        error=row["error"],
    )
