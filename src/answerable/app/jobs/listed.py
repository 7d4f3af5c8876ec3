"""The list of jobs. One that is added here is scheduled, run, shown and watched like the others.

A job's work is an async function `(system, *, now)`: `now` is the tick, not the clock. It may be called twice for
the same tick (a worker that dies, a tick that is tried again) and must leave the same behind; what it has missed
is its own to find, for of several missed ticks only the newest is done. What it returns are counts for the book.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from answerable.app.jobs.running import Told, Work
from answerable.config.jobs import OFF, JobsSection
from answerable.core.errors import ConfigError
from answerable.core.job import Job

if TYPE_CHECKING:
    from answerable.app.system import System

MINUTE, HOUR = 60.0, 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """`work` is `module:function`, imported when it is run for the first time: nobody else waits for it."""

    job: Job
    what: str
    work: str


def _one(name: str, cron: str, work: str, what: str, *, limit_s: float = 10 * MINUTE, tries: int = 1) -> Listed:
    return Listed(job=Job(name=name, cron=cron, limit_s=limit_s, tries=tries), what=what, work=work)


JOBS: tuple[Listed, ...] = (
    _one(
        "alerts",
        "* * * * *",
        "answerable.app.alerts.job:alerts_job",
        "look at every rule, and send what is due",
        limit_s=2 * MINUTE,
    ),
    _one(
        "shares",
        "10 * * * *",
        "answerable.app.jobs.care:shares_job",
        "watch for new documents that are suddenly in many answers",
    ),
    _one(
        "review",
        "25 5 * * *",
        "answerable.app.jobs.care:review_job",
        "draw the batch of answers that people read",
        tries=3,
    ),
    _one(
        "retention",
        "17 3 * * *",
        "answerable.app.retention:retention_job",
        "delete what is older than [retention] allows",
        limit_s=HOUR,
        tries=3,
    ),
    _one(
        "drift",
        "23 5 * * *",
        "answerable.app.drift.jobs:drift_job",
        "say what changed in production, since when and through whom",
        limit_s=HOUR,
        tries=3,
    ),
    _one(
        "topics",
        "7 4 * * 1",
        "answerable.app.drift.jobs:topics_job",
        "cluster the questions of the last weeks into topics",
        limit_s=HOUR,
    ),
    _one(
        "canaries",
        "41 4 * * *",
        "answerable.app.drift.jobs:canary_job",
        "ask each provider the frozen canaries",
        limit_s=HOUR,
    ),
    _one(
        "metrics",
        "*/5 * * * *",
        "answerable.app.metrics.rolling_up:roll_up_job",
        "count events and closed tasks by day, for metrics",
        limit_s=HOUR,
    ),
    _one(
        "book",
        "47 3 * * *",
        "answerable.app.jobs.working:book_job",
        "delete old runs of jobs",
        tries=3,
    ),
    _one(
        "tasks",
        "*/5 * * * *",
        "answerable.app.tending_tasks:close_tasks_job",
        "make tasks of what was asked, close them, and see whose need came back",
        limit_s=HOUR,
    ),
    _one(
        "completion",
        "23 4 * * 1",
        "answerable.app.tending_tasks:completion_job",
        "fit the chance of completion to what people judged",
        limit_s=HOUR,
    ),
)


def listed(section: JobsSection) -> tuple[Listed, ...]:
    """As configured: with their own schedules, without those that are off. Raises ConfigError for another name."""
    names = [one.job.name for one in JOBS]
    for name in section.schedule:
        if name not in names:
            raise ConfigError(f"[jobs.schedule] there is no job {name!r}", hint=f"there are {', '.join(names)}")
    given = [
        replace(one, job=replace(one.job, cron=section.schedule.get(one.job.name, one.job.cron))) for one in JOBS
    ]
    return tuple(one for one in given if one.job.cron != OFF)


def work_of(one: Listed, system: System) -> Work:
    """What it does, to be called with the tick."""
    return partial(_called, one.work, system)


async def _called(work: str, system: System, now: datetime) -> Told:
    return await found(work)(system, now=now)


def found(work: str) -> Callable[..., Awaitable[Told]]:
    """The function of that name."""
    module, _, name = work.partition(":")
    function: Callable[..., Awaitable[Told]] = getattr(import_module(module), name)
    return function
