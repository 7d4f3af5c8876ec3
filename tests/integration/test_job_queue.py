"""Jobs over the real queue: several worker processes, one that is killed, and clocks that differ."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.integration.queue_worker import TENANT, make

from answerable.adapters.jobs.queue import Begun, JobQueue
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.jobs import PostgresJobRuns
from answerable.core.job import Job, RunState

MINUTES = 8
AT = datetime(2026, 11, 2, 12, 0, 30, tzinfo=UTC)


@contextmanager
def worker(url: str, mark: Path) -> Iterator[subprocess.Popen[str]]:
    """A worker process that waits for ticks."""
    command = [sys.executable, "-m", "tests.integration.queue_worker", url, str(mark)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def tick(workers: list[subprocess.Popen[str]], at: datetime) -> None:
    """To all at once; the last one's clock is three minutes behind."""
    for process, late in zip(workers, (0, 0, 0, 3), strict=True):
        assert process.stdin is not None
        process.stdin.write(f"{(at - timedelta(minutes=late)).timestamp()}\n")
        process.stdin.flush()


def hear(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


async def test_of_four_workers_each_tick_is_done_once_and_a_killed_ones_job_again(
    database: Database, clone, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    runs = PostgresJobRuns(database)
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(clone.owner_url, mark)) for _ in range(4)]
        assert [hear(one) for one in workers] == ["ready"] * 4

        tick(workers, AT)  # the half hour is due, too: every worker sees it, one has it
        said = [hear(one) for one in workers]
        assert sorted(said) == ["doing", "done", "done", "done"]
        workers.pop(said.index("doing")).kill()
        workers.append(stack.enter_context(worker(clone.owner_url, mark)))
        assert hear(workers[-1]) == "ready"
        for minute in range(1, MINUTES):
            tick(workers, AT + timedelta(minutes=minute))
            assert [hear(one) for one in workers] == ["done"] * 4

    found = await runs.newest(tenant=TENANT, job="every", limit=500)
    counted = [one.tick for one in found if one.state in (RunState.DONE, RunState.SKIPPED)]
    expected = {AT.replace(second=0) + timedelta(minutes=minute) for minute in range(MINUTES)}
    assert len(counted) == len(set(counted))  # no tick twice, whatever the clocks say
    assert set(counted) >= expected

    queue = make(database, mark, stalled_s=0.0)
    await queue.rescue()
    await queue.drain()
    again = await runs.newest(tenant=TENANT, job="deadly")
    assert [(one.attempt, one.state) for one in again] == [(2, RunState.DONE), (1, RunState.LOST)]
    assert again[0].told == {"survived": 1}


async def test_a_worker_whose_clock_is_ahead_stops_no_schedule(database: Database) -> None:
    done: list[datetime] = []

    async def perform(begun: Begun) -> None:
        done.append(begun.tick)

    job = Job(name="look", cron="* * * * *")
    queue = JobQueue(database, tenant="ahead", jobs=[job], perform=perform)
    now = datetime.now(UTC)
    await queue.tick((now + timedelta(days=365)).timestamp())
    await queue.drain()
    assert done == []
    await queue.tick((now - timedelta(minutes=1)).timestamp())
    await queue.drain()
    assert len(done) == 1 and done[0] <= now
