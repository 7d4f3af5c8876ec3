"""Trying again: when, how often, and after how long."""

from __future__ import annotations

import pytest

from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.core.deadline import Deadline
from answerable.core.errors import NotAsked, PermanentModelError, TransientModelError
from answerable.llm.budget import RetryBudget
from answerable.llm.retry import Retry

BUSY = TransientModelError("busy", status=503)


def busy(after_s: float) -> TransientModelError:
    return TransientModelError("busy", status=429, retry_after_s=after_s)


class Waits(list[float]):
    """Remembers the waits instead of waiting."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


def retry(
    llm: ScriptedLLM, waits: Waits, *, jitter: float = 0.5, budget: RetryBudget | None = None, tries: int = 3
):
    return Retry(llm=llm, tries=tries, sleep=waits, jitter=lambda: jitter, budget=budget or RetryBudget())


async def test_a_transient_error_is_tried_again_and_both_tries_are_told(prompt):
    waits = Waits()
    completion = await retry(ScriptedLLM([BUSY, "ok"]), waits).complete(prompt, deadline=Deadline.after(9))
    assert completion.text == "ok"
    assert [(one.outcome, one.status, one.provider) for one in completion.attempts] == [
        ("transient", 503, "scripted"),
        ("ok", None, "scripted"),
    ]
    assert completion.attempts[0].error == "busy"
    assert completion.attempts[0].started_ms <= completion.attempts[1].started_ms


async def test_waits_grow_with_full_jitter_up_to_the_cap(prompt):
    waits = Waits()
    llm = Retry(
        llm=ScriptedLLM([BUSY]), tries=6, sleep=waits, jitter=lambda: 0.5, cap_s=0.4, budget=RetryBudget(share=1.0)
    )
    with pytest.raises(TransientModelError):
        await llm.complete(prompt, deadline=Deadline.after(9))
    assert waits == pytest.approx([0.05, 0.1, 0.2, 0.2, 0.2])


async def test_the_providers_wish_is_honored(prompt):
    waits = Waits()
    await retry(ScriptedLLM([busy(0.7), "ok"]), waits).complete(prompt, deadline=Deadline.after(9))
    assert waits == [0.7]


@pytest.mark.parametrize(("after_s", "left_s"), [(5.0, 9.0), (0.6, 0.8)])
async def test_a_wait_that_is_too_long_or_does_not_fit_is_not_begun(prompt, after_s, left_s):
    waits = Waits()
    llm = ScriptedLLM([busy(after_s), "ok"])
    with pytest.raises(TransientModelError) as caught:
        await retry(llm, waits).complete(prompt, deadline=Deadline.after(left_s))
    assert waits == []
    assert len(llm.calls) == 1
    assert len(caught.value.attempts) == 1


async def test_a_permanent_error_is_not_tried_again(prompt):
    llm = ScriptedLLM([PermanentModelError("bad key", status=401)])
    with pytest.raises(PermanentModelError) as caught:
        await retry(llm, Waits()).complete(prompt, deadline=Deadline.after(9))
    assert len(llm.calls) == 1
    assert [one.outcome for one in caught.value.attempts] == ["permanent"]


async def test_the_last_error_goes_up_with_every_attempt(prompt, read):
    for call in ("complete", "stream"):
        llm = retry(ScriptedLLM([BUSY]), Waits())
        with pytest.raises(TransientModelError) as caught:
            if call == "complete":
                await llm.complete(prompt, deadline=Deadline.after(9))
            else:
                await read(llm.stream(prompt, deadline=Deadline.after(9)))
        assert [one.status for one in caught.value.attempts] == [503, 503, 503]


async def test_a_stream_is_tried_again_before_its_first_text_only(prompt, read):
    text, completion = await read(
        retry(ScriptedLLM([BUSY, "a b"]), Waits()).stream(prompt, deadline=Deadline.after(9))
    )
    assert (text, len(completion.attempts)) == ("a b", 2)
    assert completion.attempts[1].first_text_ms is not None
    llm = ScriptedLLM([Reply(text="a b", error=BUSY), "c"])
    with pytest.raises(TransientModelError):
        await read(retry(llm, Waits()).stream(prompt, deadline=Deadline.after(9)))
    assert len(llm.calls) == 1


async def test_without_a_token_in_the_routes_budget_there_is_no_retry(prompt):
    budget, llm = RetryBudget(share=0.04), ScriptedLLM([BUSY])
    for _ in range(5):
        with pytest.raises(TransientModelError):
            await retry(llm, Waits(), budget=budget).complete(prompt, deadline=Deadline.after(9))
    assert len(llm.calls) == 5 + 2
    assert (budget.retries, budget.refused) == (2, 4)


async def test_what_was_not_asked_is_not_tried_again_and_costs_the_budget_nothing(prompt):
    budget, llm = RetryBudget(), ScriptedLLM([NotAsked("left alone", retry_after_s=0.1)])
    with pytest.raises(NotAsked) as caught:
        await retry(llm, Waits(), budget=budget).complete(prompt, deadline=Deadline.after(9))
    assert (len(llm.calls), budget.retries) == (1, 0)
    assert [one.outcome for one in caught.value.attempts] == ["skipped"]


@pytest.mark.parametrize(("ready_in_s", "made"), [(None, 1), (0.4, 1), (0.0, 2)])
async def test_an_account_that_is_used_up_is_asked_again_only_where_another_endpoint_is_ready(
    prompt, ready_in_s, made
):
    used_up = TransientModelError("no credit", status=429, retry_after_s=0.4, exhausted=True)
    llm = ScriptedLLM([used_up])
    ready = None if ready_in_s is None else lambda: ready_in_s
    with pytest.raises(TransientModelError):
        await Retry(llm=llm, sleep=Waits(), ready_in_s=ready).complete(prompt, deadline=Deadline.after(9))
    assert len(llm.calls) == made


@pytest.mark.parametrize(("ready_in_s", "expected"), [(0.0, [0.05]), (0.4, [0.4])])
async def test_a_wish_to_wait_holds_nobody_up_who_can_be_asked_elsewhere(prompt, ready_in_s, expected):
    waits = Waits()
    llm = Retry(llm=ScriptedLLM([busy(0.9), "ok"]), sleep=waits, jitter=lambda: 0.5, ready_in_s=lambda: ready_in_s)
    assert (await llm.complete(prompt, deadline=Deadline.after(9))).text == "ok"
    assert waits == pytest.approx(expected)
