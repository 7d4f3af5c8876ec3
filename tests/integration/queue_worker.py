"""A worker process of its own for test_job_queue.py: it takes ticks from stdin and does what they ask for."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from answerable.adapters.jobs.queue import JobQueue, Pace
from answerable.adapters.postgres.database import Database, PoolLimits
from answerable.adapters.postgres.jobs import PostgresJobRuns
from answerable.app.jobs.running import Runner, Told
from answerable.core.job import Job

TENANT = "acme"
EVERY = Job(name="every", cron="* * * * *")
DEADLY = Job(name="deadly", cron="30 * * * *")


@dataclass
class Works:
    """`deadly` kills its process the first time a file is not there."""

    mark: Path

    async def every(self, now: datetime) -> Told:
        return {"minute": now.minute}

    async def deadly(self, now: datetime) -> Told:
        if not self.mark.exists():
            self.mark.touch()
            print("doing", flush=True)
            await asyncio.sleep(3600)  # until it is killed
        return {"survived": 1}


def make(database: Database, mark: Path, stalled_s: float = 2.0) -> JobQueue:
    works = Works(mark)
    runner = Runner(
        tenant=TENANT,
        runs=PostgresJobRuns(database),
        works={"every": works.every, "deadly": works.deadly},
        now=lambda: datetime.now(UTC),
    )
    pace = Pace(heartbeat_s=0.2, stalled_s=stalled_s, poll_s=0.2)
    return JobQueue(database, tenant=TENANT, jobs=(EVERY, DEADLY), perform=runner.perform, pace=pace)


async def main(url: str, mark: Path) -> None:
    async with Database(url, limits=PoolLimits(size=3)) as database:
        queue = make(database, mark)
        await queue.rescue()
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            await queue.tick(float(line))
            await queue.drain()
            print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
