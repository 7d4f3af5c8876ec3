"""The job of tasks over the real log: what it reads back is what it wrote."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.unit.monitor.told import DAY, START, Log

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.events import PostgresEvents
from answerable.adapters.postgres.tasks import PostgresTasks
from answerable.app.tasks import close_tasks
from answerable.config.metrics import MetricsSection
from answerable.core.task import Task, TaskState


async def test_many_workers_over_postgres_make_each_task_once_and_a_run_without_news_writes_nothing(
    database: Database, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    shift = (now - timedelta(days=5) - START).total_seconds()
    need = "v" + "a5" * 16
    log = Log()
    for number in range(30):
        talk = f"c{number}"
        log.turn(
            f"{number}",
            shift + number * 1800,
            conversation=talk,
            need=need if number == 3 else "",
            cost="0.0123457",
        )
        log.turn(f"{number}b", shift + number * 1800 + 60, conversation=talk, follow_up="clarify")
        log.tell("feedback.given", shift + number * 1800 + 90, answer=f"an-{number}b", props={"value": "up"})
    log.turn("again", shift + 2 * DAY, conversation="later", need=need)
    events, tasks = PostgresEvents(database, spool=tmp_path), PostgresTasks(database)
    await events.append(log.events)

    async def run(moment: datetime):
        return await close_tasks(events, tasks, tenant="t", now=moment, settings=MetricsSection())

    first = await asyncio.gather(*(run(now) for _ in range(4)))
    again = await run(now)

    found = [one async for one in tasks.closed(tenant="t", since=now - timedelta(days=9), until=now)]
    assert len(found) == len({one.id for one in found}) == 31
    assert [one.state for one in found].count(TaskState.REOPENED) == 1
    assert all(one.turns == 2 for one in found if one.conversation != "later")
    assert sum(one.closed for one in first) >= 31
    assert (again.opened, again.closed, again.changed, again.reopened) == (0, 0, 0, 0)
    # The need that came back was closed in an earlier step of the run: closed is told again, with its new state.
    assert await _told(events, now) == (31, 32, 1)
    assert isinstance(found[0], Task)


async def _told(events: PostgresEvents, now: datetime) -> tuple[int, int, int]:
    since = now - timedelta(days=9)
    names = ("task.opened", "task.closed", "task.reopened")
    told = [one.name async for one in events.read(tenant="t", since=since, until=now, names=names)]
    return (told.count(names[0]), told.count(names[1]), told.count(names[2]))
