"""Every call is in the books, however it ends."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.core import trace
from answerable.core.call import Call
from answerable.core.completion import Usage
from answerable.core.deadline import Deadline
from answerable.core.errors import BudgetExceeded, DeadlineExceeded, PermanentModelError, TransientModelError
from answerable.core.query import Scope
from answerable.llm.booking import Booked
from answerable.llm.paying import largest_usage

LONG = 60.0


def costing(model: str, usage: Usage) -> Usage:
    return replace(usage, cost=Decimal(usage.input + usage.output), currency="EUR")


@pytest.fixture
def asked(prompt):
    return replace(prompt, use="answer", scope=Scope(tenant="acme"), principal="ann", key="k1")


class Books:
    def __init__(self, *replies) -> None:
        self.calls: list[Call] = []
        self.model = ScriptedLLM(replies, name="main", model="m-2026")
        self.llm = Booked(
            llm=self.model, model="m", endpoint="host", observers=(self.calls.append,), costing=costing, table="t1"
        )

    @property
    def call(self) -> Call:
        assert len(self.calls) == 1
        return self.calls[0]


async def read(llm, prompt):
    return [piece async for piece in llm.stream(prompt, deadline=Deadline.after(LONG))]


async def whole(llm, prompt):
    return await llm.complete(prompt, deadline=Deadline.after(LONG))


both = pytest.mark.parametrize("ask", [whole, read])


@both
async def test_a_good_call_tells_for_what_by_whom_how_and_what_it_took(ask, asked):
    books = Books("two words")
    story = trace.Trace(tenant="acme")
    token = trace.current.set(story)
    try:
        result = await ask(books.llm, asked)
    finally:
        trace.current.reset(token)
    completion = result[-1] if isinstance(result, list) else result
    call = books.call
    assert (call.use, call.provider, call.model, call.endpoint, call.outcome) == (
        "answer",
        "main",
        "m",
        "host",
        "ok",
    )
    assert (call.tenant, call.principal, call.key, call.trace_id) == ("acme", "ann", "k1", story.id)
    assert (call.prompt_id, call.prompt_version, call.prompt_sha256) == ("p", "1.0.0", asked.sha256)
    assert (call.reported, call.usage, call.table) == ("m-2026", completion.usage, "t1")
    assert (call.first_text_ms is not None) is (ask is read)
    assert call.duration_ms > 0.0
    attempt = completion.attempts[0]
    assert (attempt.endpoint, attempt.outcome, attempt.usage) == ("host", "ok", completion.usage)


@both
@pytest.mark.parametrize(
    ("error", "outcome", "status"),
    [
        (TransientModelError("down", status=503), "transient", 503),
        (PermanentModelError("wrong key", status=401), "permanent", 401),
    ],
)
async def test_an_error_is_booked_without_usage_and_brings_its_attempt(ask, asked, error, outcome, status):
    books = Books(error)
    with pytest.raises(type(error)) as caught:
        await ask(books.llm, asked)
    assert (books.call.outcome, books.call.status, books.call.usage) == (outcome, status, None)
    assert [(one.outcome, one.endpoint) for one in caught.value.attempts] == [(outcome, "host")]


async def test_what_an_adapter_says_a_failed_call_used_is_priced_and_booked(asked):
    error = PermanentModelError("refused", reason="refusal")
    error.usage = Usage(input=90, output=1)
    books = Books(error)
    with pytest.raises(PermanentModelError):
        await whole(books.llm, asked)
    assert books.call.usage == Usage(input=90, output=1, cost=Decimal(91), currency="EUR")


async def test_a_stream_that_breaks_is_booked_with_what_came(asked):
    books = Books(Reply(text="one two three", error=TransientModelError("cut")))
    with pytest.raises(TransientModelError):
        await read(books.llm, asked)
    usage = books.call.usage
    assert usage is not None
    assert (books.call.outcome, usage.estimated, usage.output > 0) == ("transient", True, True)
    assert usage.cost == usage.input + usage.output


async def test_a_stream_that_is_left_is_cancelled_and_priced_by_what_was_given(asked):
    books = Books("one two three four five six seven eight")
    stream = books.llm.stream(asked, deadline=Deadline.after(LONG))
    await anext(stream)
    await stream.aclose()
    few = books.call.usage
    assert (books.call.outcome, books.model.closed) == ("cancelled", 1)
    assert few is not None
    assert (few.estimated, few.cost) == (True, few.input + few.output)
    more = Books("one two three four five six seven eight")
    stream = more.llm.stream(asked, deadline=Deadline.after(LONG))
    for _ in range(6):
        await anext(stream)
    await stream.aclose()
    assert more.call.usage is not None
    assert more.call.usage.output > few.output > 0


async def test_a_stream_that_is_left_after_its_completion_is_booked_once_as_good(asked, monkeypatch):
    books = Books("one")
    stream = books.llm.stream(asked, deadline=Deadline.after(LONG))
    assert [await anext(stream), (await anext(stream)).text] == ["one", "one"]
    monkeypatch.setattr("answerable.llm.booking.estimated_usage", None)  # what has ended is not estimated any more
    await stream.aclose()
    assert books.call.outcome == "ok"


@both
async def test_a_task_that_is_cancelled_is_booked(ask, asked):
    books = Books(Reply(text="late", hold=asyncio.Event()))
    task = asyncio.create_task(ask(books.llm, asked))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (books.call.outcome, books.call.usage.estimated) == ("cancelled", True)
    assert books.call.usage.output in (
        0,
        asked.max_output_tokens,
    )  # a stream: what had come; a whole reply: the most


async def test_a_whole_reply_that_is_cancelled_is_booked_as_the_most_that_its_budget_pays(asked):
    books = Books(Reply(text="late", hold=asyncio.Event()))
    task = asyncio.create_task(books.llm.complete(asked, deadline=Deadline.after(LONG)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert books.call.usage == costing("m", largest_usage(asked))


@both
async def test_money_that_is_spent_was_no_call(ask, asked):
    books = Books(BudgetExceeded("spent", scope="daily"))
    with pytest.raises(BudgetExceeded):
        await ask(books.llm, asked)
    assert books.calls == []


@both
async def test_time_that_is_over_before_anything_is_sent_was_no_call_but_afterwards_it_was(ask, asked):
    books = Books(Reply(text="late", hold=asyncio.Event()))
    with pytest.raises(DeadlineExceeded):
        await books.llm.complete(asked, deadline=Deadline.after(0.0))
    assert books.calls == []
    with pytest.raises(DeadlineExceeded):
        await books.llm.complete(asked, deadline=Deadline.after(0.01))
    assert (books.call.outcome, books.call.usage.estimated) == ("transient", True)
