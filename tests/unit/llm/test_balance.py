"""Which endpoint is asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from answerable.adapters.fakes.llm import ScriptedLLM
from answerable.core.deadline import Deadline
from answerable.core.errors import ConfigError, NotAsked, PermanentModelError, TransientModelError
from answerable.core.query import Scope
from answerable.llm.balance import Balanced
from answerable.llm.breaker import Breaker
from answerable.llm.budget import RetryBudget
from answerable.llm.circuit import Circuit
from answerable.llm.load import Load
from answerable.llm.retry import Retry


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def endpoint(name: str, clock: Clock, *replies) -> Breaker:
    llm = ScriptedLLM(replies or ("ok",), name="main", model=name)
    return Breaker(
        llm=llm, id=name, circuit=Circuit(clock=clock, jitter=lambda: 0.0), load=Load(clock=clock), clock=clock
    )


def closed(one: Breaker, seconds: float = 60.0) -> Breaker:
    one.circuit.rest(seconds)
    return one


def chances(*values: float):
    left = list(values)
    return lambda: left.pop(0)


def test_weights_are_shares(prompt, clock):
    ends = [endpoint(name, clock) for name in "abc"]
    balanced = Balanced(
        endpoints=ends,
        policy="weighted",
        weights=(1.0, 2.0, 1.0),
        random=chances(*(i / 100 for i in range(100))),
    )
    assert Counter(balanced.choose(prompt).id for _ in range(100)) == {"a": 25, "b": 50, "c": 25}


def test_without_weights_all_are_alike_and_a_closed_one_has_no_share(prompt, clock):
    ends = [endpoint("a", clock), closed(endpoint("b", clock)), endpoint("c", clock)]
    balanced = Balanced(endpoints=ends, policy="weighted", random=chances(*(i / 10 for i in range(10))))
    assert Counter(balanced.choose(prompt).id for _ in range(10)) == {"a": 5, "c": 5}


def test_of_two_the_one_with_the_shorter_wait_is_asked(prompt, clock):
    fast, slow = endpoint("fast", clock), endpoint("slow", clock)
    fast.load.took(0.1)
    slow.load.took(0.3)
    balanced = Balanced(endpoints=(slow, fast))
    assert {balanced.choose(prompt).id for _ in range(20)} == {"fast"}
    fast.load.under_way = 5  # six times 0.1 s is more than 0.3 s
    assert {balanced.choose(prompt).id for _ in range(20)} == {"slow"}


def test_a_time_is_forgotten_so_that_a_slow_endpoint_gets_another_chance(prompt, clock):
    fast, slow = endpoint("fast", clock), endpoint("slow", clock)
    slow.load.took(3.0)
    balanced = Balanced(endpoints=(slow, fast))
    for _ in range(6):
        clock.now += 10.0
        fast.load.took(0.1)
    assert balanced.choose(prompt).id == "slow"


def test_a_slower_time_counts_at_once_and_a_faster_one_slowly(clock):
    load = Load(clock=clock)
    load.took(0.1)
    load.took(1.0)
    slow = load.cost
    load.took(0.1)
    assert slow == pytest.approx(1.0, rel=1e-3)
    assert load.cost == pytest.approx(0.73, rel=1e-3)


def test_a_person_stays_with_one_endpoint_as_long_as_it_may_be_asked(prompt, clock):
    ends = [endpoint(name, clock) for name in "abc"]
    balanced = Balanced(endpoints=ends, policy="sticky")
    people = [replace(prompt, principal=f"p{i}", scope=Scope(tenant="t")) for i in range(300)]
    homes = [balanced.choose(one).id for one in people]
    assert homes == [balanced.choose(one).id for one in people]
    assert all(70 <= count <= 130 for count in Counter(homes).values())
    closed(ends[0], 5.0)
    away = [balanced.choose(one).id for one in people]
    assert [home == "a" or home == now for home, now in zip(homes, away, strict=True)] == [True] * 300
    assert "a" not in away
    clock.now += 5.0
    assert [balanced.choose(one).id for one in people] == homes


@pytest.mark.parametrize("policy", ["weighted", "least-latency", "sticky"])
def test_one_that_failed_a_moment_ago_comes_after_the_others(prompt, clock, policy):
    ends = [endpoint(name, clock) for name in "ab"]
    balanced = Balanced(endpoints=ends, policy=policy)
    for bad, good in ((0, "b"), (1, "a")):
        ends[bad].load.failed()
        assert {balanced.choose(prompt).id for _ in range(20)} == {good}
        clock.now += 1.0
    ends[0].load.failed()
    ends[1].load.failed()
    assert balanced.choose(prompt).id in "ab"


def test_a_probe_that_is_due_comes_first(prompt, clock):
    ends = [endpoint(name, clock) for name in "abc"]
    ends[2].circuit.misconfigured(ends[2].circuit.enter())
    clock.now += 600.0
    balanced = Balanced(endpoints=ends)
    assert balanced.choose(prompt) is ends[2]
    ends[2].circuit.enter()
    assert balanced.choose(prompt) is not ends[2]


def test_when_none_may_be_asked_that_is_said_with_the_soonest_time(prompt, clock):
    balanced = Balanced(endpoints=(closed(endpoint("a", clock), 9.0), closed(endpoint("b", clock), 4.0)))
    with pytest.raises(NotAsked, match="main: none of 2 endpoints may be asked") as caught:
        balanced.choose(prompt)
    assert (caught.value.retry_after_s, balanced.ready_in_s()) == (4.0, 4.0)


def test_wrong_keys_are_said_only_where_every_key_is_wrong(prompt, clock):
    ends = [endpoint(name, clock) for name in "ab"]
    for one in ends:
        one.refuse(PermanentModelError("wrong key", status=401, reason="key"), ticket=one.circuit.enter() or 0)
    balanced = Balanced(endpoints=ends)
    with pytest.raises(PermanentModelError, match="wrong key"):
        balanced.choose(prompt)
    third = closed(endpoint("c", clock))
    with pytest.raises(NotAsked):
        Balanced(endpoints=(*ends, third)).choose(prompt)


async def test_a_retry_goes_to_another_endpoint_and_takes_from_the_budget(prompt, clock, read):
    down = TransientModelError("down", status=503)
    ends = [endpoint("a", clock, down), endpoint("b", clock, "well said")]
    balanced, budget = Balanced(endpoints=ends, policy="weighted", random=lambda: 0.0), RetryBudget()

    async def no_wait(seconds: float) -> None:
        return

    llm = Retry(llm=balanced, budget=budget, ready_in_s=balanced.ready_in_s, sleep=no_wait)
    for text, completion in (
        await read(llm.stream(prompt, deadline=Deadline.after(60))),
        ("well said", await llm.complete(prompt, deadline=Deadline.after(60))),
    ):
        assert (text, completion.text, completion.model) == ("well said", "well said", "b")
    assert budget.retries == 1  # the second question began at `b`: `a` had failed a moment ago


def test_endpoints_and_weights_have_to_fit(clock):
    with pytest.raises(ConfigError):
        Balanced(endpoints=())
    with pytest.raises(ConfigError, match="2 weights for 1"):
        Balanced(endpoints=(endpoint("a", clock),), weights=(1.0, 2.0))
