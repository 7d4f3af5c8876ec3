"""Each rule sees its fault within 200 answers and is silent while all is well; and an alert ends."""

from __future__ import annotations

import random
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest

from answerable.adapters.fakes.alerts import MemoryAlerts
from answerable.app.alerts.parts import AlertParts, Level
from answerable.app.alerts.rulebook import rules_of
from answerable.app.alerts.stage import Stage
from answerable.config.alerts import AlertsSection
from answerable.core.alert import Silence
from answerable.core.ports import Happening
from answerable.monitor.alerts.rules import HAPPENINGS, LEVELS, RULES, SHARES
from answerable.testing.alert_turns import AT, WRONG, Turn, a_turn
from answerable.testing.event_stream import EventStream, HappeningStream

WELL = [a_turn(seed) for seed in range(400)]
SETTINGS = AlertsSection.model_validate(
    {"webhook": {"desk": {"url": "https://desk.example/hook", "secret": "env:X"}}}
)


def stage(levels: dict[str, float] | None = None) -> Stage:
    async def read(now):
        return {name: Level(value=value) for name, value in (levels or {}).items()}

    events, happenings = EventStream(), HappeningStream([], now=AT)
    parts = AlertParts(
        tenant="default", events=events, happenings=happenings, alerts=MemoryAlerts(), settings=SETTINGS,
        rules=rules_of(SETTINGS), levels=read,
    )  # fmt: skip
    return Stage(parts=parts, events=events, happenings=happenings, now=AT, a_minute=10)


_KNOWN: list[Stage] = []


async def known() -> Stage:
    """With a past and half an hour of a present, all well; made once, and given as a copy."""
    if not _KNOWN:
        one = stage()
        await one.tell(WELL, minutes=240, a_minute=5)
        await one.wait(130)
        assert await one.live(WELL, answers=300) == []
        _KNOWN.append(one)
    return deepcopy(_KNOWN[0])


async def ill(one: Stage, rule: str, *, answers: int = 200, share: float = 1.0) -> list:
    chance = random.Random(7)

    async def turns(count: int) -> list[Turn]:
        drawn = [chance.choice(WELL) for _ in range(count)]
        return [WRONG[rule](turn) if chance.random() < share else turn for turn in drawn]

    return await one.fault(turns, answers=answers, until=lambda alert: alert.rule == rule)


def test_every_rule_of_a_share_has_its_fault():
    assert set(WRONG) == {rule.id for rule in SHARES}


@pytest.mark.parametrize("rule", [rule.id for rule in SHARES])
async def test_a_rule_sees_its_fault_within_200_answers(rule):
    found = await ill(await known(), rule)
    mine = [one for one in found if one.alert.rule == rule]
    assert mine, f"{rule}: {[one.alert.rule for one in found]}"
    assert mine[0].answers <= 200 and mine[0].minutes <= 20
    assert mine[0].alert.bad >= 3 and mine[0].alert.value > (mine[0].alert.usual or 0.0)


async def test_an_alert_goes_on_and_ends_and_is_told_once_each_time():
    one = await known()
    raised = (await ill(one, "refusals", share=0.7))[-1].alert
    await ill(one, "refusals", answers=30)
    alerts = one.parts.alerts
    assert [alert.id for alert in await alerts.listed(tenant="default")] == [raised.id]
    for _ in range(12):
        await one.live(WELL, answers=40)
        if not await alerts.listed(tenant="default"):
            break
    over = await alerts.get(tenant="default", reference=raised.id)
    assert over.resolved_at is not None and over.n > raised.n
    told = [(notice.name, notice.payload["alert"]["id"]) for notice in await alerts.notices(tenant="default")]
    assert sorted(told) == [("alert.opened", raised.id), ("alert.resolved", raised.id)]


async def test_a_few_bad_ones_at_the_start_are_no_reason():
    one = stage()  # nothing is known of the past
    assert await ill(one, "errors", answers=4) == []
    assert not [found for found in await ill(one, "latency", answers=60) if found.alert.rule == "latency"]


async def test_blame_names_the_version_that_the_bad_ones_share_and_the_deploy_before_it():
    one = await known()
    deploy = Happening(
        name="deploy.marked", tenant="default", at=one.now - timedelta(minutes=2), props={"what": "prompts"}
    )
    one.happenings.write(deploy)

    async def turns(count: int) -> list[Turn]:
        return [
            [replace(event, prompt_version="2.0.0") for event in WRONG["withheld"](turn)] for turn in WELL[:count]
        ]

    found = await one.fault(turns, answers=200, until=lambda alert: alert.rule == "withheld")
    alert = next(each.alert for each in found if each.alert.rule == "withheld")
    assert "answer@2.0.0" in alert.blame and "deploy.marked (prompts)" in alert.blame
    assert alert.facts["cause"] == "us"


async def test_what_is_written_late_is_counted_once():
    one, late = await known(), await known()
    in_time = await ill(one, "refusals")
    turns = [event for seed in range(60) for event in WRONG["refusals"](a_turn(seed))]
    held = late._spread([turns[n : n + 7] for n in range(0, len(turns), 7)], timedelta(minutes=6))
    late.now += timedelta(minutes=8)
    await late.events.append(held)  # eight minutes after it happened
    found = await late.live(WELL, answers=40)
    assert in_time and [alert.rule for alert in found] == ["refusals"]
    assert found[0].n <= 60 + 20 + 30


READ = [rule for rule in LEVELS if rule.id not in ("spend_rate", "traffic")]  # those two are made of events


@pytest.mark.parametrize("rule", READ, ids=lambda rule: rule.id)
async def test_a_level_has_to_hold_and_to_be_well_again_as_long(rule):
    levels = {rule.id: rule.most + 1}
    one = stage(levels)
    ticks = int(rule.held_s // 60)
    for _ in range(ticks):
        assert await one.live(WELL, answers=1) == []
    assert [alert.rule for alert in await one.live(WELL, answers=10)] == [rule.id]
    levels[rule.id] = rule.most
    for _ in range(ticks + 1):
        await one.live(WELL, answers=1)
    assert await one.parts.alerts.listed(tenant="default") == []


@pytest.mark.parametrize("rule", HAPPENINGS, ids=lambda rule: rule.id)
async def test_a_happening_opens_one_alert_for_each_thing_and_quiet_ends_it(rule):
    one = stage()
    props = {name: values[0] for name, values in (rule.only or {}).items()}
    for n, thing in enumerate(("a", "a", "b")):
        at = one.now - timedelta(seconds=30 - n)
        one.happenings.write(
            Happening(name=rule.happenings[0], tenant="default", at=at, props={**props, rule.keyed: thing})
        )
    raised = await one.live(WELL, answers=10)
    assert sorted((alert.rule, alert.key) for alert in raised) == [(rule.id, "a"), (rule.id, "b")]
    assert await one.live(WELL, answers=10) == []  # each happening once
    await one.wait(int(rule.held_s // 60))
    await one.live(WELL, answers=1)
    assert await one.parts.alerts.listed(tenant="default") == []


async def test_three_times_the_cost_is_seen_within_an_hour_and_so_is_three_times_the_traffic():
    found = await ill(await known(), "cost_per_answer")
    assert found[-1].alert.rule == "cost_per_answer" and found[-1].minutes < 60
    one = stage()
    for _ in range(3):  # days with 60 answers at this hour
        await one.tell(WELL, minutes=180, a_minute=1)
        await one.wait(24 * 60 - 180)
    await one.wait(60)
    one.a_minute = 5
    for _ in range(24):  # the past is taken up step by step
        await one.live(WELL, answers=1)
    raised = await one.live(WELL, answers=170)
    assert [alert.rule for alert in raised] == ["spend_rate"]


async def test_silence_and_ack_keep_quiet_and_a_page_is_told_again_until_then():
    one = await known()
    alerts = one.parts.alerts
    quiet = Silence(id="si", rule="refusals", until=one.now + timedelta(hours=1))
    await alerts.silence(tenant="default", silence=quiet, by="ann", now=one.now)
    raised = (await ill(one, "refusals"))[-1].alert
    assert await alerts.notices(tenant="default") == []
    one.now = quiet.until
    await ill(one, "refusals", answers=1)
    assert [notice.name for notice in await alerts.notices(tenant="default")] == ["alert.opened"]
    one.now += timedelta(hours=5)
    await ill(one, "refusals", answers=1)
    assert [notice.name for notice in await alerts.notices(tenant="default")] == ["alert.repeated", "alert.opened"]
    await alerts.ack(tenant="default", reference=raised.id, by="ann", now=one.now)
    one.now += timedelta(hours=5)
    await ill(one, "refusals", answers=1)
    assert len(await alerts.notices(tenant="default")) == 2


def test_titles_and_ids_are_one_each():
    assert len({rule.id for rule in RULES}) == len({rule.title for rule in RULES}) == len(RULES)
