"""Only so many calls at once."""

from __future__ import annotations

import asyncio

import pytest

from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.core.deadline import Deadline
from answerable.core.errors import TransientModelError
from answerable.llm.concurrency import Limited


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_no_more_calls_than_permits_reach_the_model_and_they_come_in_order(prompt):
    hold = asyncio.Event()
    model = ScriptedLLM([Reply(write=lambda one: one.user, hold=hold)])
    llm = Limited(model, permits=2, queue_s=30)
    tasks = [asyncio.create_task(llm.complete(prompt, deadline=Deadline.after(60))) for _ in range(5)]
    await settled()
    assert len(model.calls) == 2
    hold.set()
    await asyncio.gather(*tasks)
    assert len(model.calls) == 5


async def test_a_call_without_room_is_turned_away(prompt):
    model = ScriptedLLM([Reply(text="x", hold=asyncio.Event())])
    llm = Limited(model, permits=1, queue_s=0.01)
    first = asyncio.create_task(llm.complete(prompt, deadline=Deadline.after(60)))
    await settled()
    with pytest.raises(TransientModelError, match="scripted is busy: 1 calls"):
        await llm.complete(prompt, deadline=Deadline.after(60))
    assert len(model.calls) == 1
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


async def test_a_permit_comes_back_after_an_error_a_cancel_and_a_stream_that_was_left(prompt):
    model = ScriptedLLM([TransientModelError("x"), Reply(text="y", hold=asyncio.Event()), "a b c", "ok"])
    llm = Limited(model, permits=1, queue_s=0.05)
    with pytest.raises(TransientModelError, match="x"):
        await llm.complete(prompt, deadline=Deadline.after(60))
    task = asyncio.create_task(llm.complete(prompt, deadline=Deadline.after(60)))
    await settled()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    stream = llm.stream(prompt, deadline=Deadline.after(60))
    assert await anext(stream) == "a "
    await stream.aclose()
    assert model.closed == 1
    assert (await llm.complete(prompt, deadline=Deadline.after(60))).text == "ok"


async def test_a_stream_gives_its_permit_back_with_its_completion(prompt):
    llm = Limited(ScriptedLLM(["a"]), permits=1, queue_s=0.05)
    stream = llm.stream(prompt, deadline=Deadline.after(60))
    assert [await anext(stream), (await anext(stream)).text] == ["a", "a"]
    assert (await llm.complete(prompt, deadline=Deadline.after(60))).text == "a"
    await stream.aclose()


class Unfinished(ScriptedLLM):
    """A model whose stream ends without a completion."""

    async def stream(self, rendered, *, deadline):
        yield "a"


async def test_a_stream_without_a_completion_is_passed_on_as_it_is(prompt):
    llm = Limited(Unfinished(), permits=1)
    assert [piece async for piece in llm.stream(prompt, deadline=Deadline.after(60))] == ["a"]


def test_no_permit_is_no_limit_to_have():
    with pytest.raises(ValueError, match="at least 1"):
        Limited(ScriptedLLM(), permits=0)
