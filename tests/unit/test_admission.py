"""Admission: places in turn, a bounded queue, refusals at once, and nothing held by who left."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.api.admission import Admission, AdmissionLimits
from answerable.api.allowance import Allowance
from answerable.api.shedding import Shedding
from answerable.core.deadline import Deadline
from answerable.core.errors import Overloaded
from answerable.core.happenings import checked


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def new(clock: Clock | None = None, **limits) -> Admission:
    return Admission(AdmissionLimits(**{"adaptive": False, **limits}), clock=clock or Clock())


def soon() -> Deadline:
    return Deadline.after(1000.0)


async def test_places_are_given_at_once_while_there_are_any():
    admission = new(concurrent=2)
    first, second = admission.ask("a", soon()), admission.ask("a", soon())
    assert [await one.entered() for one in (first, second)] == [0.0, 0.0]
    third = admission.ask("a", soon())
    assert third.entered_at is None
    first.leave()
    first.leave()
    assert third.entered_at is not None
    assert admission.snapshot().under_way == 2


async def test_a_place_goes_to_who_holds_the_fewest_and_first_come_first_served_within():
    admission = new(concurrent=2)
    held = [admission.ask("loud", soon()) for _ in range(2)]
    loud = [admission.ask("loud", soon()) for _ in range(3)]
    quiet = admission.ask("quiet", soon())
    held[0].leave()
    assert quiet.entered_at is not None
    held[1].leave()
    assert [one.entered_at is not None for one in loud] == [True, False, False]


async def test_a_share_holds_only_while_others_are_there():
    admission = new(concurrent=4, tenant_share=0.5)
    loud = [admission.ask("loud", soon()) for _ in range(5)]
    assert sum(one.entered_at is not None for one in loud) == 4
    quiet = [admission.ask("quiet", soon()) for _ in range(3)]
    for one in loud[:4]:
        one.leave()
    assert [one.entered_at is not None for one in quiet] == [True, True, False]
    assert loud[4].entered_at is not None


async def test_a_full_queue_turns_away_the_last_of_who_fills_it():
    admission = new(concurrent=1, queue=3)
    admission.ask("loud", soon())
    loud = [admission.ask("loud", soon()) for _ in range(3)]
    with pytest.raises(Overloaded):
        admission.ask("loud", soon())
    quiet = admission.ask("quiet", soon())
    with pytest.raises(Overloaded) as raised:
        await loud[-1].entered()
    assert raised.value.own_share
    assert quiet.refused is None
    assert admission.snapshot().waiting == 3


async def test_who_would_wait_longer_than_it_may_is_refused_at_once_with_the_time_to_come_back():
    clock = Clock()
    admission = new(clock, concurrent=1, queue_s=10.0)
    first = admission.ask("a", soon())
    clock.now = 3.0
    first.leave()  # an answer takes 3 s
    admission.ask("a", soon())
    admission.ask("a", soon())
    assert admission.expected_wait_s("a") == pytest.approx(6.0)
    with pytest.raises(Overloaded) as raised:
        admission.ask("a", Deadline.after(4.0))  # it may wait for 2 s of its 4
    assert raised.value.retry_after_s == pytest.approx(6.0)
    assert admission.snapshot().waiting == 1


async def test_waiting_ends_with_the_patience_and_frees_the_place():
    admission = new(concurrent=1, queue_s=0.01)
    admission.ask("a", soon())
    late = admission.ask("a", soon())
    with pytest.raises(Overloaded):
        await late.entered()
    late.leave()
    assert (admission.snapshot().waiting, admission.snapshot().left) == (0, 1)


async def test_a_cancelled_waiter_leaves_nothing_behind():
    admission = new(concurrent=1)
    first = admission.ask("a", soon())
    second, third = admission.ask("a", soon()), admission.ask("a", soon())
    task = asyncio.create_task(second.entered())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    second.leave()
    first.leave()
    assert third.entered_at is not None
    assert admission.snapshot().under_way == 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=60), st.integers(1, 5))
def test_no_place_is_lost_or_given_twice_and_nobody_waits_beside_a_free_one(moves, places: int):
    async def play() -> None:
        admission, held = new(concurrent=places, queue=4), []
        for tenant, leaves in moves:
            if leaves and held:
                held.pop(len(moves) % len(held)).leave()
            else:
                try:
                    held.append(admission.ask(tenant, soon()))
                except Overloaded:
                    pass
            now = admission.snapshot()
            inside = sum(one.entered_at is not None and not one.gone for one in held)
            assert now.under_way == inside <= places
            assert now.waiting == sum(one.entered_at is None and not one.gone for one in held) <= 4
            assert not now.waiting or now.under_way == places
        for one in held:
            one.leave()
        assert (admission.snapshot().under_way, admission.snapshot().waiting) == (0, 0)

    asyncio.run(play())


def served(weights: dict[str, float], *, rounds: int, places: int) -> Counter[str]:
    """How many of each tenant are answered in a loaded system; as many come at once as the weights say."""

    async def play() -> Counter[str]:
        admission, done, chance = new(concurrent=places, queue=40), Counter(), random.Random(7)
        inside = []
        for _ in range(rounds):
            for tenant, weight in weights.items():
                for _ in range(int(weight)):
                    try:
                        inside.append(admission.ask(tenant, soon()))
                    except Overloaded:
                        pass
            under_way = [one for one in inside if one.entered_at is not None]
            one = chance.choice(under_way)
            done[one.tenant] += 1
            one.leave()
            inside = [one for one in inside if not one.gone]
        return done

    return asyncio.run(play())


@pytest.mark.parametrize("loud", [1, 10])
def test_ten_times_as_many_questions_get_no_more_than_half(loud: int):
    done = served({"loud": float(loud), "quiet": 1.0}, rounds=400, places=8)
    assert 0.4 <= done["quiet"] / done.total() <= 0.6


def test_three_tenants_have_a_third_each_whatever_they_send():
    done = served({"a": 9, "b": 3, "c": 1}, rounds=600, places=6)
    assert max(done.values()) - min(done.values()) <= 0.15 * done.total()


def test_an_allowance_rises_while_it_is_used_and_answers_are_in_time_and_falls_when_they_are_not():
    one = Allowance(most=100, target_s=1.2)
    first = one.now
    one.learn(0.1, full=False, begun=0.0, now=0.1)
    assert one.now == first
    for _ in range(10):
        one.learn(0.1, full=True, begun=0.0, now=1.0)
    assert one.now == first + 10
    one.learn(2.0, full=True, begun=1.0, now=2.0)
    one.learn(2.0, full=True, begun=1.5, now=2.1)  # begun before the cut: the same overload
    fallen = one.now
    assert fallen == int(0.85 * (first + 10))
    one.learn(2.0, full=True, begun=2.5, now=3.5)
    assert one.now < fallen
    for n in range(400):
        one.learn(2.0, full=True, begun=10.0 + 2 * n, now=11.0 + 2 * n)
    assert one.now == 8
    assert Allowance(most=100, adaptive=False, target_s=1.2).now == 100


async def test_that_questions_are_turned_away_is_told_at_once_and_then_once_a_minute():
    clock, told = Clock(), []
    shedding = Shedding(told=told.append, clock=clock)
    admission = Admission(
        AdmissionLimits(concurrent=1, queue=0, adaptive=False), shed=shedding.refused, clock=clock
    )
    admission.ask("a", soon())
    for clock.now in (100.0, 101.0, 130.0, 161.0, 170.0):
        with pytest.raises(Overloaded):
            admission.ask("a", soon())
    assert [checked(one).name for one in told] == ["load.shed", "load.shed"]
    assert [one.props for one in told] == [
        {"refused": 1, "seconds": 0.0, "reason": "busy"},
        {"refused": 3, "seconds": 61.0, "reason": "busy"},
    ]
