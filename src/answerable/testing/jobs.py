"""What every book of jobs promises. Subclass JobRunsContract in your tests and override the fixture `runs`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from answerable.core.job import JobRun, JobStanding, RunState
from answerable.core.ports import JobRuns

AT = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
FIRST = JobRun(job="retention", tick=AT, attempt=1, worker="a:1", started_at=AT + timedelta(seconds=1))


def _ended(run: JobRun, state: RunState = RunState.DONE) -> JobRun:
    return replace(run, state=state, ended_at=run.started_at + timedelta(seconds=2))


def _later(run: JobRun, hours: int) -> JobRun:
    return replace(run, tick=run.tick + timedelta(hours=hours), started_at=run.started_at + timedelta(hours=hours))


class JobRunsContract:
    """Runs by job, tick and attempt; each tenant's own."""

    @pytest.fixture
    def runs(self) -> JobRuns:
        """An empty book; override."""
        raise NotImplementedError

    async def test_a_run_is_known_while_it_runs_and_with_its_end(self, runs: JobRuns) -> None:
        await runs.begin(tenant="acme", run=FIRST)
        assert await runs.newest(tenant="acme") == [FIRST]
        ended = replace(_ended(FIRST), told={"deleted": 3}, error="é ' \\")
        await runs.end(tenant="acme", run=ended)
        assert await runs.newest(tenant="acme") == [ended]
        assert await runs.newest(tenant="other") == []

    async def test_another_attempt_at_a_tick_says_that_the_one_before_is_lost(self, runs: JobRuns) -> None:
        await runs.begin(tenant="acme", run=FIRST)
        again = replace(FIRST, attempt=2, worker="b:2", started_at=FIRST.started_at + timedelta(minutes=2))
        await runs.begin(tenant="acme", run=again)
        found = await runs.newest(tenant="acme")
        assert [(one.attempt, one.state) for one in found] == [(2, RunState.RUNNING), (1, RunState.LOST)]
        assert found[1].ended_at == again.started_at

    async def test_an_end_without_a_beginning_is_written(self, runs: JobRuns) -> None:
        await runs.end(tenant="acme", run=_ended(FIRST, RunState.SKIPPED))
        assert [one.state for one in await runs.newest(tenant="acme")] == [RunState.SKIPPED]

    async def test_how_a_job_stands(self, runs: JobRuns) -> None:
        good, bad, worse = _ended(FIRST), _ended(_later(FIRST, 1), RunState.FAILED), _later(FIRST, 2)
        earlier = _ended(_later(FIRST, -1), RunState.FAILED)
        for one in (earlier, good, bad, _ended(_later(FIRST, 3), RunState.SKIPPED)):
            await runs.end(tenant="acme", run=one)
        await runs.begin(tenant="acme", run=worse)
        assert await runs.standing(tenant="acme", jobs=["retention", "alerts"]) == [
            JobStanding(job="retention", last=worse, done=good, failed=1),
            JobStanding(job="alerts"),
        ]

    async def test_the_newest_first_of_one_job_or_of_all(self, runs: JobRuns) -> None:
        one, two = _ended(FIRST), replace(_ended(_later(FIRST, 1)), job="alerts")
        for run in (two, one):
            await runs.end(tenant="acme", run=run)
        assert await runs.newest(tenant="acme") == [two, one]
        assert await runs.newest(tenant="acme", limit=1) == [two]
        assert await runs.newest(tenant="acme", job="retention") == [one]

    async def test_old_runs_go_but_for_the_last_that_was_done(self, runs: JobRuns) -> None:
        done, failed, new = _ended(FIRST), _ended(_later(FIRST, 1), RunState.FAILED), _later(FIRST, 9)
        older = _ended(_later(FIRST, -1))
        for one in (older, done, failed, new):
            await runs.end(tenant="acme", run=one)
        assert await runs.forget(tenant="other", before=AT + timedelta(hours=5)) == 0
        assert await runs.forget(tenant="acme", before=AT + timedelta(hours=5)) == 2
        assert await runs.newest(tenant="acme") == [new, done]
