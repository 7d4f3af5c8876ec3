"""The job that makes tasks of events, in memory and on a clock of its own."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from answerable.adapters.fakes.events import MemoryEvents
from answerable.adapters.fakes.tasks import MemoryTasks
from answerable.app.task_changes import SUPERSEDED, Closed
from answerable.app.tasks import close_tasks
from answerable.config.metrics import MetricsSection
from answerable.core.errors import Unreachable
from answerable.core.task import Task, TaskState
from answerable.monitor.need import need_sketch
from answerable.monitor.tasks import tasks_of
from tests.unit.monitor.told import DAY, HOUR, START, Log, after

NEED = need_sketch("How do I return a bicycle helmet that does not fit?", "en")


class Bench:
    """Events and tasks in memory, and the job over them."""

    def __init__(self) -> None:
        self.events, self.tasks = MemoryEvents(), MemoryTasks()

    async def told(self, log: Log) -> None:
        await self.events.append(log.events)

    async def run(self, seconds: float) -> Closed:
        return await close_tasks(
            self.events, self.tasks, tenant="t", now=after(seconds), settings=MetricsSection()
        )

    @property
    def standing(self) -> list[Task]:
        return sorted(self.tasks.kept.values(), key=lambda one: (one.opened_at, one.id))

    @property
    def told_of_tasks(self) -> list[tuple[str, str]]:
        found = sorted(self.events.written, key=lambda one: (one.at, one.id))
        return [(one.name, str(one.props["state"])) for one in found if one.name.startswith("task.")]


async def test_a_task_opens_goes_on_and_closes_and_a_run_that_finds_nothing_new_writes_nothing():
    bench = Bench()
    await bench.told(Log().turn("1", 0))
    opened = await bench.run(60)
    await bench.told(Log().turn("2", 120, follow_up="clarify"))
    went_on = await bench.run(300)
    closed = await bench.run(120 + DAY)
    again = await bench.run(125 + DAY)

    assert (opened.opened, went_on.changed, closed.closed) == (1, 1, 1)
    assert (again.opened, again.closed, again.changed) == (0, 0, 0)
    assert [(one.turns, one.state) for one in bench.standing] == [(2, TaskState.VERIFIED)]
    assert bench.told_of_tasks == [("task.opened", "open"), ("task.closed", "verified")]


async def test_runs_at_any_moments_end_where_one_run_over_everything_ends():
    log = Log()
    for day in range(12):
        talk = f"c{day}"
        log.turn(f"{day}a", day * DAY, conversation=talk, need=NEED if day in (1, 6) else "")
        log.turn(f"{day}b", day * DAY + 60, conversation=talk, follow_up="rephrase" if day % 3 else "thanks")
    whole = tasks_of(log.events, now=after(14 * DAY))
    bench = Bench()
    left = sorted(log.events, key=lambda one: one.at)
    for hour in range(0, 14 * 24 + 1, 7):
        now = START + timedelta(hours=hour)
        await bench.events.append([one for one in left if one.at < now])
        left = [one for one in left if one.at >= now]
        await bench.run(hour * HOUR)
    await bench.run(14 * DAY)

    assert bench.standing == whole
    assert [one.state for one in whole].count(TaskState.REOPENED) == 0  # its earlier task had failed
    assert sum(bool(one.reopens) for one in whole) == 1


async def test_after_days_without_a_run_nothing_is_missing():
    bench = Bench()
    log = Log()
    for day in range(30):
        log.turn(str(day), day * DAY, conversation=f"c{day}")
    await bench.told(log)

    done = await bench.run(35 * DAY)

    assert (done.opened, done.closed) == (30, 30)
    assert bench.standing == tasks_of(log.events, now=after(35 * DAY))


async def test_an_earlier_task_is_taken_back_after_it_has_left_the_window():
    bench = Bench()
    await bench.told(Log().turn("1", 0, need=NEED))
    await bench.run(DAY + 60)
    await bench.told(Log().turn("2", 6 * DAY, need=NEED, conversation="c2"))
    done = await bench.run(6 * DAY + 60)
    repeated = await bench.run(6 * DAY + 120)

    first, second = bench.standing
    assert (first.state, first.reopened_at) == (TaskState.REOPENED, after(6 * DAY))
    assert second.reopens == first.id
    assert (done.reopened, repeated.reopened, repeated.changed) == (1, 0, 0)
    assert ("task.reopened", "reopened") in bench.told_of_tasks


async def test_a_person_whose_key_was_changed_meanwhile_is_the_same_person():
    bench = Bench()
    log = Log().turn("1", 0, need=NEED).turn("2", 2 * DAY, need=NEED, conversation="c2", person=b"new")
    log.tell("person.linked", DAY, person=b"new", props={"earlier": b"ann".hex()})
    await bench.told(log)

    await bench.run(2 * DAY + HOUR)

    assert [one.state for one in bench.standing] == [TaskState.REOPENED, TaskState.VERIFIED]


async def test_a_turn_that_is_told_late_takes_its_place_and_the_wrong_task_counts_no_more():
    bench = Bench()
    await bench.told(Log().turn("2", 600, follow_up="rephrase"))
    await bench.run(DAY + HOUR)
    await bench.told(Log().turn("1", 0))
    done = await bench.run(DAY + 2 * HOUR)

    kept = [one for one in bench.standing if one.eligible]
    assert done.superseded == 1
    assert [one.turns for one in kept] == [2]
    assert [one.why_not for one in bench.standing if not one.eligible] == [SUPERSEDED]


async def test_a_vote_weeks_later_changes_how_the_task_ended_and_keeps_what_else_is_known():
    bench = Bench()
    await bench.told(Log().turn("1", 0, need=NEED).turn("2", 2 * DAY, need=NEED, conversation="c2"))
    await bench.run(4 * DAY)
    await bench.told(Log().tell("feedback.given", 20 * DAY, answer="an-2", props={"value": "down"}))
    await bench.told(Log().tell("feedback.given", 20 * DAY, answer="an-1", props={"value": "up"}))
    await bench.run(20 * DAY + HOUR)

    first, second = bench.standing
    assert (first.state, first.votes) == (TaskState.REOPENED, {"up": 1})
    assert (second.state, second.votes, second.reopens) == (TaskState.FAILED, {"down": 1}, first.id)


async def test_two_workers_at_once_write_the_same():
    bench = Bench()
    log = Log()
    for number in range(20):
        log.turn(str(number), number * HOUR, conversation=f"c{number}")
    await bench.told(log)

    await asyncio.gather(*(bench.run(2 * DAY) for _ in range(4)))

    assert bench.standing == tasks_of(log.events, now=after(2 * DAY))
    assert len(bench.told_of_tasks) == 20 + sum(one.closed_at is not None for one in bench.standing)


class Broken(MemoryTasks):
    """A store that fails once, between two writes."""

    def __init__(self) -> None:
        super().__init__()
        self.fails = True

    async def put(self, tasks):
        if self.fails:
            self.fails = False
            await super().put(tasks[: len(tasks) // 2])
            raise Unreachable("the database went away", hint="try again")
        await super().put(tasks)


async def test_a_run_that_breaks_off_between_two_writes_is_finished_by_the_next():
    bench = Bench()
    bench.tasks = Broken()
    log = Log().turn("1", 0).turn("2", HOUR, conversation="c2").turn("3", 2 * HOUR, conversation="c3")
    await bench.told(log)
    with pytest.raises(Unreachable):
        await bench.run(2 * DAY)

    await bench.run(2 * DAY)

    assert bench.standing == tasks_of(log.events, now=after(2 * DAY))
    assert bench.told_of_tasks.count(("task.opened", "open")) == 3
