"""The queue of jobs: procrastinate's, in our schema, as the service role. docs/decisions/0275-jobs.md

Of many workers one puts a tick into the queue: the database has each tick of a schedule once, and goes forward
only. A job is begun by one worker; where that worker dies, it is begun again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from answerable.adapters.postgres.database import Connection, Database
from answerable.adapters.postgres.statements import statements
from answerable.core.beside import beside
from answerable.core.errors import AnswerableError, ConfigError, NotFound
from answerable.core.job import Job

if TYPE_CHECKING:
    import procrastinate
    from procrastinate.periodic import PeriodicDeferrer

log = logging.getLogger(__name__)
_SQL = statements("jobs")

CATCH_UP_S = 40 * 86_400.0  # of what was missed while nobody was there, the newest tick is done
MOST_RESCUES = 4  # a job that kills its workers is given up


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A job as a worker has it. `superseded`: a newer tick of it waits already."""

    job: Job
    tick: datetime
    attempt: int
    worker: str
    superseded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a worker goes about it; times in seconds."""

    concurrency: int = 1
    poll_s: float = 5.0
    heartbeat_s: float = 10.0
    stalled_s: float = 60.0
    grace_s: float = 30.0
    again_s: float = 5.0  # after the database went away


def worker_name() -> str:
    """This process, as people find it."""
    return f"{socket.gethostname()}:{os.getpid()}"


class JobQueue:
    """One tenant's queue. `perform` does a job and says no more than it raises."""

    def __init__(
        self,
        database: Database,
        *,
        tenant: str,
        jobs: Sequence[Job],
        perform: Callable[[Begun], Awaitable[None]],
        pace: Pace | None = None,
        name: str = "",
    ) -> None:
        self._database, self._tenant = database, tenant
        self._jobs = {one.name: one for one in jobs}
        self._perform, self._pace = perform, pace or Pace()
        self._name = name or worker_name()
        self._built: procrastinate.App | None = None

    # --- for workers -------------------------------------------------------------------------------------------

    async def work(self, stop: asyncio.Event) -> None:
        """Put ticks into the queue and do what is in it, until `stop` is set: then what runs may end. A database
        that goes away is waited for."""
        app = await self._app()
        async with beside(self._ticking(), name="ticks"), beside(self._rescuing(), name="rescue"):
            while not stop.is_set():
                try:
                    await self._until(stop, app)
                except AnswerableError as error:
                    log.warning("jobs: %s", error)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), self._pace.again_s)

    async def drain(self) -> None:
        """Do what is in the queue now, and return."""
        await self._worker(await self._app(), wait=False).run()

    async def tick(self, at: float) -> None:
        """Put what is due at `at` (seconds since 1970) into the queue, unless somebody did."""
        deferrer = await self._deferrer()
        await deferrer.defer_jobs(deferrer.get_previous_tasks(at=at))

    async def rescue(self) -> list[str]:
        """Take jobs of dead workers up again; their names."""
        values = {"tenant": self._tenant, "stalled_s": self._pace.stalled_s, "most": MOST_RESCUES}
        async with self._database.tenant(self._tenant) as conn:
            rows = await (await conn.execute(_SQL["rescue_jobs"], values)).fetchall()
        found = [str(row["name"]) for row in rows]
        if found:
            log.warning("jobs of a worker that died are done anew: %s", ", ".join(found))
        return found

    async def tidy(self, *, keep_s: float) -> None:
        """Delete jobs that were given up long ago."""
        app = await self._app()
        await app.job_manager.delete_old_jobs(
            nb_hours=max(1, round(keep_s / 3600)), queue=self._tenant, include_failed=True
        )

    # --- for people --------------------------------------------------------------------------------------------

    async def put(self, name: str, *, now: datetime) -> int:
        """Put one job into the queue; its number there. Raises NotFound."""
        self._known(name)
        app = await self._app()
        return await app.configure_task(name, allow_unknown=False).defer_async(timestamp=now.timestamp())

    async def retry(self, name: str, *, now: datetime) -> int:
        """Take the newest that was given up again. Raises NotFound."""
        self._known(name)
        wanted = {"tenant": self._tenant, "job": name}
        async with self._database.tenant(self._tenant) as conn:
            row = await (await conn.execute(_SQL["last_failed"], wanted)).fetchone()
        if row is None:
            raise NotFound(f"no run of {name} was given up", hint=f"`answerable job run {name}` runs it")
        app = await self._app()
        await app.job_manager.retry_job_by_id_async(job_id=row["id"], retry_at=now)
        return int(row["id"])

    async def finish(self, id_: int, every_s: float = 0.5) -> bool:
        """Do what is in the queue until the job of that number has ended, here or elsewhere. True: done."""
        while (state := await self._state(id_)) in ("todo", "doing"):
            await self.drain()
            if await self._state(id_) in ("todo", "doing"):
                await asyncio.sleep(every_s)
        return state == ""

    # --- within ------------------------------------------------------------------------------------------------

    async def _until(self, stop: asyncio.Event, app: procrastinate.App) -> None:
        worker = self._worker(app, wait=True)
        running = asyncio.create_task(worker.run(), name="worker")
        stopped = asyncio.create_task(stop.wait(), name="stop")
        try:
            await asyncio.wait((running, stopped), return_when=asyncio.FIRST_COMPLETED)
            worker.stop()
            await running
        finally:
            stopped.cancel()
            if not running.done():  # we are cancelled: the worker sees to its jobs first
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running

    async def _ticking(self, clock: Callable[[], float] = time.time) -> None:
        """Beside the library's worker and not in it: whoever only drains the queue must not fill it."""
        while True:
            deferrer, wait_s = await self._deferrer(), 0.0
            try:
                while True:
                    await asyncio.sleep(wait_s)
                    now = clock()
                    await deferrer.defer_jobs(deferrer.get_previous_tasks(at=now))
                    wait_s = max(deferrer.get_next_tick(at=now), 0.0) + 0.5
            except AnswerableError as error:  # a fresh deferrer knows of no tick: the newest is put in again
                log.warning("jobs: %s", error)
                await asyncio.sleep(self._pace.again_s)

    async def _rescuing(self) -> None:
        while True:
            try:
                await self.rescue()
            except AnswerableError as error:
                log.warning("jobs: %s", error)
            await asyncio.sleep(self._pace.stalled_s / 2)

    async def _state(self, id_: int) -> str:
        async with self._database.tenant(self._tenant, readonly=True) as conn:
            wanted = {"tenant": self._tenant, "id": id_}
            row = await (await conn.execute(_SQL["state_of_job"], wanted)).fetchone()
        return str(row["status"]) if row else ""

    def _worker(self, app: procrastinate.App, *, wait: bool) -> Any:
        from procrastinate.worker import Worker

        return Worker(
            app,
            queues=[self._tenant],
            name=self._name,
            concurrency=self._pace.concurrency,
            wait=wait,
            fetch_job_polling_interval=self._pace.poll_s,
            shutdown_graceful_timeout=self._pace.grace_s,
            listen_notify=False,  # no connection of its own, and none that a pooling proxy would not carry
            delete_jobs="successful",  # the book has what was done
            install_signal_handlers=False,
            update_heartbeat_interval=self._pace.heartbeat_s,
            stalled_worker_timeout=self._pace.stalled_s,
        )

    async def _app(self) -> procrastinate.App:
        if self._built is None:
            app = await asyncio.to_thread(self._build)  # half a second of imports: nobody waits for them
            await app.connector.open_async(_Pool(self._database, self._tenant))
            self._built = app
        return self._built

    def _build(self) -> procrastinate.App:
        import procrastinate

        app = procrastinate.App(connector=procrastinate.PsycopgConnector())
        for job in self._jobs.values():
            app.task(
                name=job.name,
                queue=self._tenant,
                lock=f"{self._tenant}/{job.name}",  # one run of it at a time
                pass_context=True,
                retry=procrastinate.RetryStrategy(max_attempts=job.tries - 1, wait=job.wait_s)
                if job.tries > 1
                else False,
            )(self._task(job))
        return app

    async def _deferrer(self) -> PeriodicDeferrer:
        from procrastinate.periodic import PeriodicDeferrer, PeriodicRegistry

        app, registry = await self._app(), PeriodicRegistry()  # type: ignore[no-untyped-call]
        for job in self._jobs.values():
            try:
                one: Any = registry.register_task(app.tasks[job.name], job.cron, self._tenant, {})
                one.croniter.get_next(start_time=0.0)
            except ValueError as error:
                raise ConfigError(
                    f"[jobs.schedule] {job.name}: {job.cron!r} is no schedule: {error}",
                    hint="minute hour day month weekday, in UTC, such as '0 3 * * *'",
                ) from error
        return PeriodicDeferrer(registry=registry, max_delay=CATCH_UP_S)

    def _task(self, job: Job) -> Callable[..., Awaitable[None]]:
        async def run(context: Any, timestamp: float) -> None:
            await self._perform(
                Begun(
                    job=job,
                    tick=datetime.fromtimestamp(timestamp, UTC),
                    attempt=context.job.attempts + 1,
                    worker=self._name,
                    superseded=await self._newer_waits(job.name, context.job.id),
                )
            )

        return run

    async def _newer_waits(self, name: str, id_: int) -> bool:
        wanted = {"tenant": self._tenant, "job": name, "id": id_}
        async with self._database.tenant(self._tenant, readonly=True) as conn:
            row = await (await conn.execute(_SQL["newer_waits"], wanted)).fetchone()
        return bool(row and row["yes"])

    def _known(self, name: str) -> None:
        if name not in self._jobs:
            raise NotFound(f"there is no job {name!r}", hint="`answerable job list` shows them")


class _Pool:
    """What procrastinate asks of a pool: a connection, here the service role's in a transaction of the tenant."""

    def __init__(self, database: Database, tenant: str) -> None:
        self._database, self._tenant = database, tenant

    def connection(self) -> AbstractAsyncContextManager[Connection]:
        return self._database.tenant(self._tenant)
