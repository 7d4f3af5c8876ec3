"""Fitting the chance of completion out of events, and the job that uses it."""

from __future__ import annotations

import random

from answerable.adapters.fakes.events import MemoryEvents
from answerable.adapters.fakes.happenings import MemoryHappenings
from answerable.adapters.fakes.tasks import MemoryTasks
from answerable.app.completion_fit import fit_completion, judged_tasks, standing_score
from answerable.app.tasks import close_tasks
from answerable.config.metrics import MetricsSection
from answerable.monitor.score import rule_score
from tests.unit.monitor.told import DAY, HOUR, Log, after

SETTINGS = MetricsSection(labels_wanted=60)


def reviewed(tasks: int) -> Log:
    """Tasks of which claims without support went badly, and a reviewer said so of every other one."""
    chance, log = random.Random(5), Log()
    for number in range(tasks):
        good = number % 3 != 0
        at = number * HOUR
        log.turn(f"{number}", at, conversation=f"c{number}", claims=(3, 3) if good else (3, 2))
        if number % 2 == 0:
            said = "yes" if chance.random() < (0.9 if good else 0.1) else "no"
            props = {"completed": said, "inclusion_weight": 2.0, "verdict": "yes"}
            log.tell("review.completed", at + 5 * DAY, answer=f"an-{number}", props=props)
    return log


async def test_the_model_is_fitted_kept_and_used_for_every_task():
    events, happenings, tasks = MemoryEvents(), MemoryHappenings(), MemoryTasks()
    await events.append(reviewed(240).events)
    now = after(20 * DAY)

    found = await fit_completion(events, happenings, tenant="t", now=now, settings=SETTINGS)
    score = await standing_score(happenings, tenant="t")
    await close_tasks(events, tasks, tenant="t", now=now, settings=SETTINGS, since=after(0), score=score)

    assert found is not None
    assert (found.labels, found.better) == (120, True)
    kept = sorted({round(one.p_complete or 0.0, 2) for one in tasks.kept.values()})
    assert kept[0] < 0.3 < 0.7 < kept[-1]


async def test_with_too_few_labels_the_rules_go_on():
    events, happenings = MemoryEvents(), MemoryHappenings()
    await events.append(reviewed(60).events)

    assert await fit_completion(events, happenings, tenant="t", now=after(20 * DAY), settings=SETTINGS) is None
    assert await standing_score(happenings, tenant="t") is rule_score
    assert await judged_tasks(events, tenant="t", now=after(20 * DAY), settings=SETTINGS) == []


async def test_each_judged_task_is_found_once_with_its_weight():
    events = MemoryEvents()
    await events.append(reviewed(240).events)

    found = await judged_tasks(events, tenant="t", now=after(20 * DAY), settings=SETTINGS)

    assert (len(found), {one.weight for one in found}) == (120, {2.0})
