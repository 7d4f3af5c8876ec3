"""A run of a job: its limit of time, and its line in the book."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from answerable.adapters.jobs.queue import Begun
from answerable.core.errors import AnswerableError, DeadlineExceeded
from answerable.core.job import JobRun, RunState
from answerable.core.ports import JobRuns
from answerable.guards.secrets import without_secrets

Told = Mapping[str, object] | None
Work = Callable[[datetime], Awaitable[Told]]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """`works` is by job's name. A job that fails says so here and in the log, and is raised for the queue."""

    tenant: str
    runs: JobRuns
    works: Mapping[str, Work]
    now: Callable[[], datetime] = _now

    async def perform(self, begun: Begun) -> None:
        """Do it, unless a newer tick of it waits already."""
        run = JobRun(
            job=begun.job.name,
            tick=begun.tick,
            attempt=begun.attempt,
            worker=begun.worker,
            started_at=self.now(),
        )
        if begun.superseded:
            await self._end(run, RunState.SKIPPED)
            return
        await self.runs.begin(tenant=self.tenant, run=run)
        try:
            told = await self._within(begun.job.limit_s, self.works[run.job](run.tick))
        except asyncio.CancelledError:
            await self._end(run, RunState.STOPPED)
            raise
        except BaseException as error:  # whatever it is: the book says so, and it goes on as it came
            await self._end(run, RunState.FAILED, error=_said(error))
            raise
        await self._end(run, RunState.DONE, told=told)

    async def _within(self, limit_s: float, work: Awaitable[Told]) -> Told:
        limit = asyncio.timeout(limit_s)
        try:
            async with limit:
                return await work
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise DeadlineExceeded(
                f"it took longer than {limit_s:g} s and was stopped", hint="`answerable job list`"
            ) from error

    async def _end(self, run: JobRun, state: RunState, *, told: Told = None, error: str = "") -> None:
        ended = replace(run, state=state, ended_at=self.now(), told=told or {}, error=error)
        await self.runs.end(tenant=self.tenant, run=ended)


def _said(error: BaseException) -> str:
    """What went wrong, without what a person wrote: our own errors speak for themselves, others by their kind."""
    if isinstance(error, AnswerableError):
        return without_secrets(f"{error}{f' ({error.hint})' if error.hint else ''}")[:500]
    return f"{type(error).__name__}: see the log of the worker"
