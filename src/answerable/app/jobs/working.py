"""Who does the jobs: `answerable worker`, and a server beside its questions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from answerable.adapters.jobs.queue import JobQueue, Pace
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.jobs import PostgresJobRuns, waiting_jobs
from answerable.app.jobs.board import JobBoard
from answerable.app.jobs.listed import listed, work_of
from answerable.app.jobs.running import Runner, Told
from answerable.config import Settings
from answerable.core.beside import beside

if TYPE_CHECKING:
    from answerable.app.system import System


def make_queue(system: System, *, concurrency: int = 0) -> JobQueue:
    """The queue of a system's own tenant; `concurrency` 0: as configured. Raises ConfigError."""
    section, tenant = system.settings.jobs, system.settings.project.tenant
    jobs = listed(section)
    runner = Runner(
        tenant=tenant,
        runs=PostgresJobRuns(system.database),
        works={one.job.name: work_of(one, system) for one in jobs},
    )
    pace = Pace(
        concurrency=concurrency or section.concurrency, stalled_s=section.stalled_after, grace_s=section.grace
    )
    return JobQueue(
        system.database, tenant=tenant, jobs=[one.job for one in jobs], perform=runner.perform, pace=pace
    )


def make_board(database: Database, settings: Settings) -> JobBoard:
    """How the jobs stand. Raises ConfigError."""
    tenant = settings.project.tenant
    return JobBoard(
        tenant=tenant,
        runs=PostgresJobRuns(database),
        jobs=listed(settings.jobs),
        waiting=lambda: waiting_jobs(database, tenant),
    )


async def due_now(queue: JobQueue) -> None:
    """Do what is due, and what dead workers left."""
    await queue.rescue()
    await queue.tick(datetime.now(UTC).timestamp())
    await queue.drain()


@asynccontextmanager
async def working(system: System) -> AsyncIterator[None]:
    """While questions are served jobs are done beside them, unless [jobs] in_server says no; they begin after
    [jobs] start_after. At the end what runs may end within its grace. Raises ConfigError for an unknown job."""
    section = system.settings.jobs
    listed(section)
    if not section.in_server:
        yield
        return
    stop, ended = asyncio.Event(), asyncio.Event()
    async with beside(_work(system, stop, ended), name="jobs"):
        try:
            yield
        finally:
            stop.set()
            await ended.wait()


async def _work(system: System, stop: asyncio.Event, ended: asyncio.Event) -> None:
    try:
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), system.settings.jobs.start_after)
        if not stop.is_set():
            await make_queue(system).work(stop)
    finally:
        ended.set()


async def book_job(system: System, *, now: datetime) -> Told:
    """Delete runs and given-up jobs that are older than [jobs] keep."""
    keep_s = system.settings.jobs.keep
    tenant = system.settings.project.tenant
    gone = await PostgresJobRuns(system.database).forget(tenant=tenant, before=now - timedelta(seconds=keep_s))
    await make_queue(system).tidy(keep_s=keep_s)
    return {"runs": gone}
