"""A whole route: chain, retries, hedging, balance, circuits, limits and books together."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from tests.unit.answer import virtual

from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.core.call import Call
from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import (
    BudgetExceeded,
    ModelError,
    ModelUnreachable,
    PermanentModelError,
    TransientModelError,
)
from answerable.llm.balance import Balanced
from answerable.llm.booking import Booked
from answerable.llm.breaker import Breaker
from answerable.llm.budget import RetryBudget
from answerable.llm.bypass import Bypass
from answerable.llm.chain import Chain
from answerable.llm.circuit import Circuit, CircuitLimits
from answerable.llm.concurrency import Limited
from answerable.llm.hedge import Hedged
from answerable.llm.retry import Retry
from answerable.llm.route import Route
from answerable.llm.run import Link

DOWN = TransientModelError("down", status=503)
SPENT = BudgetExceeded("spent", scope="daily")
FIRST = "You can return it within 30 days [1]. "
TWO = FIRST + "Refunds take a week [2]."
LONG = 60.0


async def no_wait(seconds: float) -> None:
    return


class Bench:
    """Providers by name, each with the replies of its endpoints."""

    def __init__(self, *, end: bool = True, hedged: bool = False, stops: bool = False, **providers) -> None:
        self.calls: list[Call] = []
        self.models = {
            name: [ScriptedLLM(one, name=name, model=f"{name}-{i}") for i, one in enumerate(endpoints)]
            for name, endpoints in providers.items()
        }
        self.ends = {name: [self._endpoint(one) for one in models] for name, models in self.models.items()}
        self.budget = RetryBudget()
        self.hedged: list[Hedged] = []
        links = tuple(Link(llm=self._link(ends, hedged), reserve_s=0.3) for ends in self.ends.values())
        everyone = tuple(one for ends in self.ends.values() for one in ends)
        chain = Chain(
            links=links,
            last_resort=ScriptedLLM(["Quote [1]."], name="extractive") if end else None,
            last_resort_s=0.05,
            bypass=Link(llm=Bypass(endpoints=everyone)),
            stops_unpaid=stops,
        )
        self.route = Route(llm=chain, use="answer", budget=self.budget)

    def _endpoint(self, model: ScriptedLLM) -> Breaker:
        booked = Booked(llm=model, model="m", endpoint=model._model, observers=(self.calls.append,))
        circuit = Circuit(limits=CircuitLimits(open_s=1000.0, longest_s=1000.0))
        return Breaker(llm=Limited(booked, permits=4), id=model._model, circuit=circuit)

    def _link(self, ends: list[Breaker], hedged: bool) -> Retry:
        balanced = Balanced(endpoints=ends, policy="weighted", random=lambda: 0.0)
        llm: Hedged | Balanced = balanced
        if hedged:
            llm = Hedged(balanced=balanced, budget=self.budget)
            llm.first_text_s.values.extend([0.001] * 50)
            llm.whole_s.values.extend([0.001] * 50)
        return Retry(llm=llm, budget=self.budget, ready_in_s=balanced.ready_in_s, sleep=no_wait)

    def outcomes(self) -> Counter[tuple[str, str]]:
        return Counter((call.endpoint, call.outcome) for call in self.calls)


@pytest.fixture(params=["complete", "stream"])
def ask(request, prompt):
    async def ask(bench: Bench, deadline_s: float = LONG):
        deadline = Deadline.after(deadline_s)
        if request.param == "complete":
            return await bench.route.complete(prompt, deadline=deadline)
        *pieces, last = [piece async for piece in bench.route.stream(prompt, deadline=deadline)]
        assert "".join(pieces) == last.text
        return last

    return ask


def story(result: Completion | ModelError) -> list[tuple[str, str, str]]:
    return [(one.provider, one.endpoint, one.outcome) for one in result.attempts]


async def test_a_route_tells_its_use_and_every_try_with_its_endpoint(ask):
    bench = Bench(main=[[DOWN], [TWO]], backup=[["no"]])
    completion = await ask(bench)
    assert story(completion) == [("main", "main-0", "transient"), ("main", "main-1", "ok")]
    assert completion.degraded == ()
    assert {call.use for call in bench.calls} == {"answer"}
    assert (bench.budget.requests, bench.budget.retries) == (1, 1)


async def test_an_endpoint_that_is_left_alone_is_skipped_at_once_and_the_next_provider_answers(ask):
    bench = Bench(main=[[DOWN]], backup=[[TWO]])
    for _ in range(10):
        completion = await ask(bench)
        assert (completion.text, completion.provider) == (TWO, "backup")
        assert completion.degraded == ("provider_fallback",)
    assert bench.outcomes()["main-0", "transient"] == 5
    assert [outcome for _, _, outcome in story(completion)] == ["skipped", "ok"]
    assert bench.budget.retries <= 5


async def test_when_everybody_is_left_alone_the_last_resort_answers(ask):
    bench = Bench(main=[[DOWN]], backup=[[DOWN]])
    for _ in range(8):
        completion = await ask(bench)
        assert completion.degraded == ("provider_fallback", "extractive")
    assert [outcome for _, _, outcome in story(completion)] == ["skipped", "skipped", "ok"]


async def test_and_without_one_the_circuits_are_gone_round_rather_than_nobody_asked(ask):
    bench = Bench(end=False, main=[[*[DOWN] * 5, TWO]], backup=[[DOWN]])
    failures = 0
    while bench.ends["main"][0].circuit.state == "closed" or bench.ends["backup"][0].circuit.state == "closed":
        with pytest.raises(ModelUnreachable):
            await ask(bench)
        failures += 1
        assert failures < 20
    completion = await ask(bench)
    assert (completion.text, completion.provider, completion.degraded) == (TWO, "main", ())


async def test_a_providers_wish_to_rest_is_not_gone_round(ask):
    bench = Bench(end=False, main=[[TransientModelError("busy", status=429, retry_after_s=30.0)]])
    for _ in range(3):
        with pytest.raises(ModelUnreachable) as caught:
            await ask(bench)
    assert caught.value.retry_after_s == pytest.approx(30.0, abs=1.0)
    assert len(bench.calls) == 1


@pytest.mark.parametrize(
    ("error", "mark"),
    [
        (PermanentModelError("content", reason="refusal"), "provider_refused"),
        (PermanentModelError("bad", status=400), "provider_rejected"),
        (PermanentModelError("key", status=401, reason="key"), "provider_misconfigured"),
    ],
)
async def test_a_permanent_error_is_named_and_goes_to_nobody_else_not_even_the_second_time(ask, error, mark):
    bench = Bench(main=[[error], [TWO]], backup=[["no"]])
    completion = await ask(bench)
    assert completion.degraded == (mark, "extractive")
    bench = Bench(main=[[error]], backup=[["no"]])
    for _ in range(3):
        assert (await ask(bench)).degraded == (mark, "extractive")
    assert bench.models["backup"][0].calls == []


async def test_money_that_is_spent_goes_on_to_who_costs_nothing_without_a_retry(ask):
    bench = Bench(main=[[SPENT]], backup=[[TWO]])
    completion = await ask(bench)
    assert (completion.provider, completion.degraded) == ("backup", ("provider_fallback",))
    assert [outcome for _, _, outcome in story(completion)] == ["skipped", "ok"]
    assert (bench.budget.retries, bench.ends["main"][0].circuit.state) == (0, "closed")


async def test_money_that_is_spent_everywhere_degrades_or_stops_as_configured(ask):
    assert (await ask(Bench(main=[[SPENT]]))).degraded == ("budget_exceeded", "extractive")
    for bench in (Bench(main=[[SPENT]], stops=True), Bench(main=[[SPENT]], end=False)):
        with pytest.raises(BudgetExceeded) as caught:
            await ask(bench)
        assert [outcome for _, _, outcome in story(caught.value)] == ["skipped"]


@pytest.mark.parametrize("hedged", [False, True])
async def test_before_its_first_sentence_a_stream_changes_endpoint_and_provider_unseen(prompt, read, hedged):
    half = Reply(text="You can return", error=DOWN)
    bench = Bench(hedged=hedged, main=[[half], [half]], backup=[[TWO]])
    text, completion = await read(bench.route.stream(prompt, deadline=Deadline.after(LONG)))
    assert (text, completion.provider, completion.degraded) == (TWO, "backup", ("provider_fallback",))
    assert all(end.load.under_way == 0 for ends in bench.ends.values() for end in ends)


@pytest.mark.parametrize("hedged", [False, True])
async def test_after_its_first_sentence_it_is_not_changed_and_the_error_tells_what_was_given(prompt, hedged):
    bench = Bench(hedged=hedged, main=[[Reply(text=TWO + " And", error=DOWN)], ["no"]], backup=[["no"]])
    given = ""
    with pytest.raises(TransientModelError) as caught:
        async for piece in bench.route.stream(prompt, deadline=Deadline.after(LONG)):
            given += str(piece)
    assert caught.value.partial == given == TWO + " And"
    assert bench.models["backup"][0].calls == []
    assert bench.budget.retries == 0
    assert all(end.load.under_way == 0 for ends in bench.ends.values() for end in ends)


def test_a_dead_first_and_a_slow_second_provider_leave_the_last_resort_its_time(ask, monkeypatch):
    async def play():
        hung, deadline = Reply(text="late", hold=asyncio.Event()), Deadline.after(4.0)
        bench = Bench(main=[[hung], [hung]], backup=[[hung]])
        completion = await ask(bench, 4.0)
        assert completion.degraded == ("provider_fallback", "extractive")
        assert not deadline.over
        assert all(end.load.under_way == 0 for ends in bench.ends.values() for end in ends)

    virtual.run(play(), monkeypatch)


async def test_a_caller_that_goes_away_frees_everything(ask):
    bench = Bench(hedged=True, main=[[Reply(text="late", hold=asyncio.Event())]] * 2)
    asked = asyncio.create_task(ask(bench))
    while len(bench.models["main"][1].calls) < 1:
        await asyncio.sleep(0.001)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert set(bench.outcomes()) == {("main-0", "cancelled"), ("main-1", "cancelled")}
    assert all(end.load.under_way == 0 for end in bench.ends["main"])


async def test_a_drip_is_left_for_the_next_provider_and_opens_the_circuit(prompt, read):
    pause = asyncio.Event()
    drip = Reply(pieces=("You ", "can"), pause=pause)
    bench = Bench(main=[[drip]], backup=[[TWO]])
    bench.ends["main"][0].circuit.limits = CircuitLimits(least=1, fair_s=0.1)
    text, completion = await read(bench.route.stream(prompt, deadline=Deadline.after(0.8)))
    assert (text, completion.provider) == (TWO, "backup")
    assert bench.ends["main"][0].circuit.state == "open"
    assert bench.outcomes()["main-0", "cancelled"] == 1


async def test_a_drawn_chain_begins_by_weight_and_keeps_the_order_of_the_rest(prompt):
    models = [ScriptedLLM([DOWN], name=name) for name in "abc"]
    links = tuple(Link(llm=one, weight=weight) for one, weight in zip(models, (1.0, 2.0, 1.0), strict=True))
    firsts = []
    for i in range(8):
        chain = Chain(links=links, drawn=True, random=lambda i=i: i / 8)
        with pytest.raises(ModelUnreachable) as caught:
            await chain.complete(prompt, deadline=Deadline.after(LONG))
        firsts.append("".join(one.provider for one in caught.value.attempts))
    assert Counter(firsts) == {"abc": 2, "bac": 4, "cab": 2}
