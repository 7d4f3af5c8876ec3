"""How the jobs stand: for the page, the command line, /metrics and the doctor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from answerable.adapters.jobs.schedule import next_tick
from answerable.app.jobs.listed import JOBS, Listed
from answerable.core.figures import Sample
from answerable.core.job import JobRun, JobStanding
from answerable.core.ports import JobRuns

SPARE = timedelta(minutes=5)  # a tick takes its time
Waiting = Callable[[], Awaitable[Mapping[str, tuple[int, int]]]]


async def _none() -> Mapping[str, tuple[int, int]]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """One job. `waiting` and `doing` are runs in the queue; `late`: its second tick after the last done one is
    over, or it was never done though a run failed."""

    name: str
    what: str
    cron: str
    standing: JobStanding
    next: datetime
    waiting: int
    doing: int
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class JobBoard:
    """Of one tenant. Raises Unreachable."""

    tenant: str
    runs: JobRuns
    jobs: Sequence[Listed] = JOBS
    waiting: Waiting = _none

    async def rows(self, now: datetime) -> list[JobRow]:
        """One for each job, in the order of the list."""
        standing = await self.runs.standing(tenant=self.tenant, jobs=[one.job.name for one in self.jobs])
        waiting = await self.waiting()
        return [
            _row(one, stands, waiting.get(one.job.name, (0, 0)), now)
            for one, stands in zip(self.jobs, standing, strict=True)
        ]

    async def newest(self, job: str = "", limit: int = 50) -> list[JobRun]:
        """Runs, newest first."""
        return await self.runs.newest(tenant=self.tenant, job=job, limit=limit)

    async def samples(self) -> Sequence[Sample]:
        """For a scrape."""
        now = datetime.now(UTC)
        return [sample for row in await self.rows(now) for sample in _samples(row, now)]


def _row(one: Listed, standing: JobStanding, queued: tuple[int, int], now: datetime) -> JobRow:
    cron, done = one.job.cron, standing.done
    late = standing.failed > 0 and done is None
    if done is not None:
        late = next_tick(cron, next_tick(cron, done.tick)) + SPARE < now
    return JobRow(
        name=one.job.name,
        what=one.what,
        cron=cron,
        standing=standing,
        next=next_tick(cron, now),
        waiting=queued[0],
        doing=queued[1],
        late=late,
    )


def _samples(row: JobRow, now: datetime) -> list[Sample]:
    labels, done = (row.name,), row.standing.done
    found = [
        Sample(name="answerable_job_failed_runs", labels=labels, value=float(row.standing.failed)),
        Sample(name="answerable_job_late", labels=labels, value=float(row.late)),
    ]
    if done is not None and done.ended_at is not None:
        age = (now - done.ended_at).total_seconds()
        found.append(Sample(name="answerable_job_last_success_age_seconds", labels=labels, value=age))
        found.append(Sample(name="answerable_job_last_seconds", labels=labels, value=done.seconds or 0.0))
    return found
