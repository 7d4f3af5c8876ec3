"""Runs of jobs and how they stand, without a queue."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from answerable.adapters.fakes.jobs import MemoryJobRuns
from answerable.adapters.jobs.queue import Begun
from answerable.app.jobs.board import JobBoard
from answerable.app.jobs.listed import JOBS, Listed, found, listed
from answerable.app.jobs.running import Runner
from answerable.config.jobs import JobsSection
from answerable.core.errors import ConfigError, DatabaseUnreachable, DeadlineExceeded
from answerable.core.job import Job, RunState

TENANT = "acme"
AT = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
JOB = Job(name="count", cron="*/5 * * * *", limit_s=0.01)


def begun(job: Job = JOB, *, tick: datetime = AT, attempt: int = 1, superseded: bool = False) -> Begun:
    return Begun(job=job, tick=tick, attempt=attempt, worker="a:1", superseded=superseded)


class Works:
    """What a job did: counts its calls, fails or hangs."""

    def __init__(self, error: BaseException | None = None, *, hangs: bool = False) -> None:
        self.error, self.hangs, self.told = error, hangs, list[datetime]()

    async def __call__(self, now: datetime) -> Mapping[str, object]:
        self.told.append(now)
        if self.hangs:
            await asyncio.Event().wait()
        if self.error:
            raise self.error
        return {"rows": 3}


def runner(works: Works, runs: MemoryJobRuns) -> Runner:
    return Runner(tenant=TENANT, runs=runs, works={"count": works}, now=lambda: AT + timedelta(seconds=1))


async def test_a_job_is_told_its_tick_and_the_book_what_it_said():
    works, runs = Works(), MemoryJobRuns()
    await runner(works, runs).perform(begun())
    assert works.told == [AT]
    (run,) = await runs.newest(tenant=TENANT)
    assert (run.state, run.told, run.worker, run.error) == (RunState.DONE, {"rows": 3}, "a:1", "")


async def test_an_older_tick_is_left_to_the_newer_one_that_waits():
    works, runs = Works(), MemoryJobRuns()
    await runner(works, runs).perform(begun(superseded=True))
    assert works.told == []
    assert [one.state for one in await runs.newest(tenant=TENANT)] == [RunState.SKIPPED]


@pytest.mark.parametrize(
    ("works", "raised", "said"),
    [
        (Works(DatabaseUnreachable("it is away", hint="start it")), DatabaseUnreachable, "it is away (start it)"),
        (Works(KeyError("what Ann asked")), KeyError, "KeyError: see the log of the worker"),
        (Works(hangs=True), DeadlineExceeded, "it took longer than 0.01 s"),
        (Works(TimeoutError("its own")), TimeoutError, "TimeoutError"),
    ],
)
async def test_a_failure_stands_in_the_book_without_a_strangers_words_and_reaches_the_queue(works, raised, said):
    runs = MemoryJobRuns()
    with pytest.raises(raised):
        await runner(works, runs).perform(begun())
    (run,) = await runs.newest(tenant=TENANT)
    assert run.state is RunState.FAILED
    assert run.error.startswith(said)
    assert "Ann" not in run.error


async def test_a_run_that_is_called_off_says_so():
    works, runs = Works(hangs=True), MemoryJobRuns()
    job = Job(name="count", cron="* * * * *")
    running = asyncio.create_task(runner(works, runs).perform(begun(job)))
    while not works.told:
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [one.state for one in await runs.newest(tenant=TENANT)] == [RunState.STOPPED]


async def rows_of(works: Works, runs: MemoryJobRuns, *, now: datetime) -> JobBoard:
    if works.error:
        with pytest.raises(type(works.error)):
            await runner(works, runs).perform(begun(tick=now))
    else:
        await runner(works, runs).perform(begun(tick=now))
    return JobBoard(tenant=TENANT, runs=runs, jobs=[Listed(job=JOB, what="counts", work="x:y")])


async def test_a_job_is_late_when_its_second_tick_after_the_last_good_one_is_over():
    board = await rows_of(Works(), MemoryJobRuns(), now=AT)
    on_time, late = AT + timedelta(minutes=14), AT + timedelta(minutes=16)
    assert [(await board.rows(now))[0].late for now in (on_time, late)] == [False, True]
    assert (await board.rows(on_time))[0].next == AT + timedelta(minutes=15)


async def test_figures_tell_age_and_failures_and_a_job_that_was_never_done_has_no_age():
    runs = MemoryJobRuns()
    board = await rows_of(Works(ValueError()), runs, now=AT)
    assert {one.name: one.value for one in await board.samples()} == {
        "answerable_job_failed_runs": 1.0,
        "answerable_job_late": 1.0,
    }
    await rows_of(Works(), runs, now=AT + timedelta(minutes=5))
    assert {one.name for one in await board.samples()} >= {"answerable_job_last_success_age_seconds"}


@pytest.mark.parametrize("one", JOBS, ids=lambda one: one.job.name)
def test_each_listed_job_is_an_async_function_of_a_system_and_a_moment(one: Listed):
    work = found(one.work)
    assert inspect.iscoroutinefunction(work)
    assert list(inspect.signature(work).parameters) == ["system", "now"]
    assert one.what


def test_names_are_unique_and_schedules_can_be_changed_or_switched_off():
    assert len({one.job.name for one in JOBS}) == len(JOBS)
    given = listed(JobsSection(schedule={"retention": "5 4 * * *", "book": "off"}))
    assert {one.job.name: one.job.cron for one in given}["retention"] == "5 4 * * *"
    assert "book" not in [one.job.name for one in given]
    with pytest.raises(ConfigError, match="retentoin"):
        listed(JobsSection(schedule={"retentoin": "off"}))


@pytest.mark.parametrize("cron", ["", "* * * *", "61 * * * *", "* 24 * * *", "every day", "* * * * * *"])
def test_what_is_no_schedule_is_refused(cron: str):
    with pytest.raises(ValidationError, match="five fields"):
        JobsSection(schedule={"retention": cron})
