"""A second request: when, where, who wins, and what becomes of the loser."""

from __future__ import annotations

import asyncio

import pytest

from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.core.call import Call
from answerable.core.deadline import Deadline
from answerable.core.errors import DeadlineExceeded, PermanentModelError, TransientModelError
from answerable.llm.balance import Balanced
from answerable.llm.booking import Booked
from answerable.llm.breaker import Breaker
from answerable.llm.budget import RetryBudget
from answerable.llm.circuit import Circuit, CircuitLimits
from answerable.llm.concurrency import Limited
from answerable.llm.hedge import Hedged

DOWN = TransientModelError("down", status=503)


def hung() -> Reply:
    return Reply(text="late words", hold=asyncio.Event())


class Bench:
    """Two endpoints, `a` always first; `calls` are the books."""

    def __init__(self, first, second=("from b",), *, share: float = 0.1, measured_s: float = 0.001) -> None:
        self.calls: list[Call] = []
        self.models = [ScriptedLLM(first, name="main", model="a"), ScriptedLLM(second, name="main", model="b")]
        self.ends = [self.endpoint(model, name) for model, name in zip(self.models, "ab", strict=True)]
        balanced = Balanced(endpoints=self.ends, policy="weighted", random=lambda: 0.0)
        self.budget = RetryBudget(share=share)
        self.llm = Hedged(balanced=balanced, budget=self.budget)
        for _ in range(50):
            self.llm.first_text_s.add(measured_s)
            self.llm.whole_s.add(measured_s)

    def endpoint(self, model: ScriptedLLM, name: str) -> Breaker:
        booked = Booked(llm=model, model="m", endpoint=name, observers=(self.calls.append,))
        circuit = Circuit(limits=CircuitLimits(least=1000))
        return Breaker(llm=Limited(booked, permits=1), id=name, circuit=circuit)

    def booked(self) -> list[tuple[str, str]]:
        return [(call.endpoint, call.outcome) for call in self.calls]

    def nothing_held(self) -> bool:
        permits = [end.llm._semaphore.locked() for end in self.ends]  # type: ignore[attr-defined]
        return not any(permits) and [end.load.under_way for end in self.ends] == [0, 0]


async def until(bench: Bench, prompt, seen) -> None:
    """Ask, wait for what is to be seen, however long a loaded machine takes, and give up."""
    task = asyncio.create_task(bench.llm.complete(prompt, deadline=Deadline.after(60)))
    while not seen() and not task.done():
        await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(params=["complete", "stream"])
def ask(request, prompt):
    async def ask(llm, deadline_s: float = 60.0):
        deadline = Deadline.after(deadline_s)
        if request.param == "complete":
            completion = await llm.complete(prompt, deadline=deadline)
            return completion.text, completion
        *pieces, last = [piece async for piece in llm.stream(prompt, deadline=deadline)]
        return "".join(pieces), last

    return ask


async def test_a_slow_first_request_gets_a_second_elsewhere_and_the_first_text_wins(ask):
    bench = Bench([hung()])
    text, completion = await ask(bench.llm)
    assert text == completion.text == "from b"
    assert [(one.endpoint, one.outcome) for one in completion.attempts] == [("a", "cancelled"), ("b", "ok")]
    assert bench.booked() == [("a", "cancelled"), ("b", "ok")] or bench.booked() == [
        ("b", "ok"),
        ("a", "cancelled"),
    ]
    lost = next(call for call in bench.calls if call.outcome == "cancelled")
    assert lost.usage is not None
    assert (lost.usage.estimated, lost.usage.input > 0) == (True, True)
    assert (bench.budget.hedges, bench.budget.hedges_won, bench.nothing_held()) == (1, 1, True)


async def test_a_first_request_that_is_quick_gets_no_second(ask):
    bench = Bench(["from a"], measured_s=30.0)
    text, completion = await ask(bench.llm)
    assert (text, len(completion.attempts)) == ("from a", 1)
    assert (bench.models[1].calls, bench.budget.hedges, bench.nothing_held()) == ([], 0, True)


async def test_the_first_request_may_still_win(ask):
    hold = asyncio.Event()
    bench = Bench([Reply(text="from a", hold=hold)], [hung()])
    asked = asyncio.create_task(ask(bench.llm))
    while not bench.models[1].calls:
        await asyncio.sleep(0.001)
    hold.set()
    text, completion = await asked
    assert text == "from a"
    assert {(one.endpoint, one.outcome) for one in completion.attempts} == {("a", "ok"), ("b", "cancelled")}
    assert (bench.budget.hedges_won, bench.nothing_held()) == (0, True)


async def test_where_there_is_no_other_endpoint_the_same_one_is_asked_again(ask):
    bench = Bench([hung(), "again"])
    bench.ends[0] = Breaker(llm=bench.ends[0].llm._llm, id="a")  # type: ignore[attr-defined]
    llm = Hedged(balanced=Balanced(endpoints=bench.ends[:1]), budget=bench.budget)
    llm.first_text_s.values.extend([0.001] * 50)
    llm.whole_s.values.extend([0.001] * 50)
    assert (await ask(llm))[0] == "again"


async def test_too_few_measurements_are_no_reason_for_a_second(prompt):
    bench = Bench([hung()])
    for times in (bench.llm.first_text_s, bench.llm.whole_s):
        times.values.pop()
    with pytest.raises(DeadlineExceeded):
        await bench.llm.complete(prompt, deadline=Deadline.after(0.03))
    assert bench.models[1].calls == []


async def test_neither_is_a_budget_that_is_used_up(prompt):
    bench = Bench([hung()], share=0.0)
    await until(bench, prompt, lambda: bench.budget.refused > 0)
    assert (bench.models[1].calls, bench.budget.refused, bench.nothing_held()) == ([], 1, True)


async def test_a_provider_in_trouble_is_not_asked_twice(prompt):
    bench = Bench([*[DOWN] * 5, hung()], [DOWN, hung()])
    for _ in range(6):
        with pytest.raises(TransientModelError):
            await bench.llm.complete(prompt, deadline=Deadline.after(60))
    bench.ends[1].load.failed()
    with pytest.raises(DeadlineExceeded):
        await bench.llm.complete(prompt, deadline=Deadline.after(0.03))
    assert bench.budget.hedges == 0
    bench.llm.errors.clear()
    await until(bench, prompt, lambda: bench.budget.hedges > 0)
    assert bench.budget.hedges == 1


async def test_a_first_request_that_fails_before_its_time_gets_no_second(ask):
    bench = Bench([PermanentModelError("refused")], measured_s=30.0)
    with pytest.raises(PermanentModelError, match="refused"):
        await ask(bench.llm)
    assert (bench.models[1].calls, bench.nothing_held()) == ([], True)


async def test_when_both_fail_the_first_error_goes_up_with_both_attempts(ask):
    hold = asyncio.Event()

    class LateFailure(ScriptedLLM):
        async def complete(self, rendered, *, deadline):
            await hold.wait()
            raise TransientModelError("late", status=500)

        async def stream(self, rendered, *, deadline):
            await hold.wait()
            raise TransientModelError("late", status=500)
            yield ""

    bench = Bench(["x"], [DOWN])
    bench.ends[0] = bench.endpoint(LateFailure(name="main"), "a")
    llm = Hedged(
        balanced=Balanced(endpoints=bench.ends, policy="weighted", random=lambda: 0.0), budget=bench.budget
    )
    llm.first_text_s.values.extend([0.001] * 50)
    llm.whole_s.values.extend([0.001] * 50)
    asked = asyncio.create_task(ask(llm))
    while not bench.models[1].calls:
        await asyncio.sleep(0.001)
    hold.set()
    with pytest.raises(TransientModelError, match="late") as caught:
        await asked
    assert [(one.endpoint, one.status) for one in caught.value.attempts] == [("a", 500), ("b", 503)]
    assert bench.nothing_held()


async def test_a_caller_that_goes_away_stops_both(ask):
    bench = Bench([hung()], [hung()])
    asked = asyncio.create_task(ask(bench.llm))
    while not bench.models[1].calls:
        await asyncio.sleep(0.001)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert sorted(bench.booked()) == [("a", "cancelled"), ("b", "cancelled")]
    assert bench.nothing_held()


async def test_a_stream_that_is_left_is_closed_whoever_had_won(prompt):
    bench = Bench([hung()], ["one two three"])
    stream = bench.llm.stream(prompt, deadline=Deadline.after(60))
    assert await anext(stream) == "one "
    await stream.aclose()
    assert sorted(bench.booked()) == [("a", "cancelled"), ("b", "cancelled")]
    assert (bench.models[1].closed, bench.nothing_held()) == (1, True)


async def test_a_stream_that_breaks_after_its_first_text_is_not_replaced(prompt):
    bench = Bench([hung()], [Reply(text="one two", error=DOWN)])
    pieces = []
    with pytest.raises(TransientModelError, match="down"):
        async for piece in bench.llm.stream(prompt, deadline=Deadline.after(60)):
            pieces.append(piece)  # noqa: PERF401 - what came before the error counts
    assert pieces == ["one ", "two"]
    assert bench.nothing_held()
