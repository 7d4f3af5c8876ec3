"""What opens the circuit of an endpoint, and what does not."""

from __future__ import annotations

import asyncio

import pytest

from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import (
    BudgetExceeded,
    DeadlineExceeded,
    NotAsked,
    PermanentModelError,
    TransientModelError,
)
from answerable.core.rate import RateLimit
from answerable.core.time_limit import TimeLimit
from answerable.llm.breaker import Breaker
from answerable.llm.circuit import Circuit, CircuitLimits

DOWN = TransientModelError("down", status=503)
BUSY = TransientModelError("busy", status=429)
BAD_KEY = PermanentModelError("wrong key", status=401, reason="key", hint="check it")


def soon(after_s: float, *, exhausted: bool = False) -> TransientModelError:
    return TransientModelError("busy", status=429, retry_after_s=after_s, exhausted=exhausted)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def breaker(llm, clock: Clock, **limits) -> Breaker:
    circuit = Circuit(limits=CircuitLimits(least=1, **limits), clock=clock, jitter=lambda: 0.0)
    return Breaker(llm=llm, id="e1", circuit=circuit, clock=clock)


@pytest.fixture(params=["complete", "stream"])
def ask(request, prompt):
    async def ask(llm, deadline_s: float = 60.0):
        deadline = Deadline.after(deadline_s)
        if request.param == "complete":
            return await llm.complete(prompt, deadline=deadline)
        return [piece async for piece in llm.stream(prompt, deadline=deadline)][-1]

    return ask


@pytest.mark.parametrize("error", [DOWN, BUSY, TransientModelError("broken off"), soon(120.0)])
async def test_what_is_the_endpoints_fault_opens_it_and_then_nobody_is_asked(ask, clock, error):
    model = ScriptedLLM([error])
    llm = breaker(model, clock)
    with pytest.raises(TransientModelError):
        await ask(llm)
    assert llm.circuit.state == "open"
    with pytest.raises(NotAsked, match="left alone for") as caught:
        await ask(llm)
    assert caught.value.retry_after_s == pytest.approx(max(5.0, error.retry_after_s or 0.0))
    assert len(model.calls) == 1


@pytest.mark.parametrize(
    "error",
    [
        PermanentModelError("bad request", status=400),
        PermanentModelError("refused", reason="refusal"),
        PermanentModelError("too long", status=413, reason="too_long"),
        BudgetExceeded("no money", scope="daily"),
        NotAsked("busy here"),
        DeadlineExceeded("our own time"),
    ],
)
async def test_what_is_not_its_fault_leaves_it_closed(ask, clock, error):
    class Fails(ScriptedLLM):
        async def complete(self, rendered, *, deadline):
            raise error

        async def stream(self, rendered, *, deadline):
            raise error
            yield ""

    llm = breaker(Fails(), clock)
    for _ in range(3):
        with pytest.raises(type(error)):
            await ask(llm)
    assert (llm.circuit.state, llm.circuit.ready_in_s(), llm.load.under_way) == ("closed", 0.0, 0)


async def test_a_wish_to_come_back_soon_is_honored_and_no_failure(ask, clock):
    llm = breaker(ScriptedLLM([soon(7.0), "ok"]), clock)
    with pytest.raises(TransientModelError):
        await ask(llm)
    assert (llm.circuit.state, llm.circuit.ready_in_s()) == ("closed", 7.0)
    with pytest.raises(NotAsked, match=r"wishes to rest: left alone for 7.0 s"):
        await ask(llm)
    clock.now += 7.0
    assert (await ask(llm)).text == "ok"


async def test_an_account_without_money_is_left_alone_for_minutes(ask, clock):
    llm = breaker(ScriptedLLM([TransientModelError("no credit", status=429, exhausted=True)]), clock)
    with pytest.raises(TransientModelError):
        await ask(llm)
    assert llm.circuit.ready_in_s() == 300.0


async def test_an_endpoint_whose_limit_is_used_up_is_passed_over_until_it_is_reset(ask, clock):
    class Limited(ScriptedLLM):
        def _completion(self, reply, rendered, text):
            one = super()._completion(reply, rendered, text)
            rate = RateLimit(remaining_requests=0, remaining_tokens=500, reset_s=3.0)
            return Completion(text=one.text, model=one.model, provider=one.provider, usage=one.usage, rate=rate)

    llm = breaker(Limited(["ok"]), clock)
    await ask(llm)
    assert (llm.circuit.state, llm.circuit.ready_in_s()) == ("closed", 3.0)


async def test_a_wrong_key_is_raised_again_without_asking_and_a_probe_tries_the_new_one(ask, clock):
    model = ScriptedLLM([BAD_KEY, "ok"])
    llm = breaker(model, clock)
    for _ in range(3):
        with pytest.raises(PermanentModelError, match="wrong key") as caught:
            await ask(llm)
        assert (caught.value.status, caught.value.reason, caught.value.hint) == (401, "key", "check it")
    assert (len(model.calls), llm.circuit.state) == (1, "misconfigured")
    clock.now += 600.0
    assert (await ask(llm)).text == "ok"
    assert llm.circuit.state == "closed"


class Takes(ScriptedLLM):
    """Lets the clock go on before it runs out of time."""

    def __init__(self, clock: Clock, seconds: float, error: Exception | None) -> None:
        super().__init__(["ok"])
        self.clock, self.seconds, self.error = clock, seconds, error

    async def complete(self, rendered, *, deadline):
        self.clock.now += self.seconds
        if self.error:
            raise self.error
        return await super().complete(rendered, deadline=deadline)

    async def stream(self, rendered, *, deadline):
        self.clock.now += self.seconds
        if self.error:
            raise self.error
        async for piece in super().stream(rendered, deadline=deadline):
            yield piece


@pytest.mark.parametrize(("took_s", "state"), [(1.9, "closed"), (2.1, "open")])
async def test_running_out_of_our_time_counts_only_where_the_time_was_fair(ask, clock, took_s, state):
    llm = breaker(Takes(clock, took_s, DeadlineExceeded("over")), clock, fair_s=2.0)
    with pytest.raises(DeadlineExceeded):
        await ask(llm)
    assert llm.circuit.state == state


async def test_a_slow_reply_is_a_failure_where_that_is_configured(ask, clock):
    llm = breaker(Takes(clock, 1.5, None), clock, slow_s=1.0)
    assert (await ask(llm)).text == "ok"
    assert llm.circuit.state == "open"
    patient = breaker(Takes(clock, 1.5, None), clock)
    await ask(patient)
    assert patient.circuit.state == "closed"


async def test_a_probe_that_is_cancelled_or_left_frees_the_half_open_place(prompt, clock):
    hang = Reply(text="a b", hold=asyncio.Event())
    llm = breaker(ScriptedLLM([DOWN, hang, "a b c", "ok"]), clock)
    with pytest.raises(TransientModelError):
        await llm.complete(prompt, deadline=Deadline.after(60))
    clock.now += 5.0
    probe = asyncio.create_task(llm.complete(prompt, deadline=Deadline.after(60)))
    await asyncio.sleep(0)
    with pytest.raises(NotAsked):
        await llm.complete(prompt, deadline=Deadline.after(60))
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    stream = llm.stream(prompt, deadline=Deadline.after(60))
    assert await anext(stream) == "a "
    await stream.aclose()
    assert (llm.circuit.state, llm.load.under_way) == ("half-open", 0)
    assert (await llm.complete(prompt, deadline=Deadline.after(60))).text == "ok"
    assert llm.circuit.state == "closed"


async def test_a_stream_too_slow_for_its_turn_is_a_failure_but_one_given_up_is_not(prompt, clock):
    async def cut_off(llm: Breaker, *, by_us: bool) -> None:
        clock.now += 0.0
        stream, limit = llm.stream(prompt, deadline=Deadline.after(60)), TimeLimit()
        if by_us:
            task = asyncio.create_task(anext(stream))
            await asyncio.sleep(0)
            clock.now += 3.0
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return
        waiting = asyncio.create_task(limit.wait(anext(stream), 0.01))
        await asyncio.sleep(0)
        clock.now += 3.0
        with pytest.raises(TimeoutError):
            await waiting

    hang = Reply(text="a b", hold=asyncio.Event())
    given_up, too_slow = breaker(ScriptedLLM([hang]), clock), breaker(ScriptedLLM([hang]), clock)
    await cut_off(given_up, by_us=True)
    await cut_off(too_slow, by_us=False)
    assert (given_up.circuit.state, too_slow.circuit.state) == ("closed", "open")
