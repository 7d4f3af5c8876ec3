"""The fake model keeps to its script."""

from __future__ import annotations

import asyncio

import pytest

from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import DeadlineExceeded, TransientModelError
from answerable.core.prompt import Rendered

PROMPT = Rendered(prompt_id="p", version="1", sha256="0" * 64, system="Be short.", user="Why?")
SOON = 5.0


async def pieces_of(llm: ScriptedLLM) -> list[str | Completion]:
    return [one async for one in llm.stream(PROMPT, deadline=Deadline.after(SOON))]


async def test_replies_come_in_turn_and_the_last_one_repeats():
    llm = ScriptedLLM(["one", "two"])
    texts = [(await llm.complete(PROMPT, deadline=Deadline.after(SOON))).text for _ in range(3)]
    assert texts == ["one", "two", "two"]
    assert llm.calls == [PROMPT] * 3


async def test_a_stream_gives_words_and_then_the_whole():
    *pieces, last = await pieces_of(ScriptedLLM(["a b\nc"]))
    assert pieces == ["a ", "b\n", "c"]
    assert isinstance(last, Completion)
    assert last.text == "a b\nc"
    assert last.usage.output == 3


async def test_an_error_comes_after_the_text_and_is_a_fresh_one_each_time():
    error = TransientModelError("cut", retry_after_s=1.5)
    llm = ScriptedLLM([Reply(text="a b", error=error)])
    seen: list[str | Completion] = []
    for _ in range(2):
        with pytest.raises(TransientModelError, match="cut") as caught:
            seen.extend([one async for one in llm.stream(PROMPT, deadline=Deadline.after(SOON))])
        assert caught.value is not error
        assert caught.value.retry_after_s == 1.5


async def test_a_held_reply_waits_for_its_event():
    hold = asyncio.Event()
    llm = ScriptedLLM([Reply(text="now", hold=hold)])
    task = asyncio.create_task(llm.complete(PROMPT, deadline=Deadline.after(SOON)))
    await asyncio.sleep(0)
    assert not task.done()
    hold.set()
    assert (await task).text == "now"


async def test_no_reply_after_the_deadline():
    llm = ScriptedLLM([Reply(text="late", hold=asyncio.Event())])
    with pytest.raises(DeadlineExceeded):
        await llm.complete(PROMPT, deadline=Deadline.after(0.01))
    with pytest.raises(DeadlineExceeded):
        await llm.complete(PROMPT, deadline=Deadline.after(0.0))


async def test_a_stream_given_up_is_counted():
    llm = ScriptedLLM(["a b c"])
    stream = llm.stream(PROMPT, deadline=Deadline.after(SOON))
    assert await anext(stream) == "a "
    await stream.aclose()
    assert llm.closed == 1


async def test_a_reply_can_be_written_from_the_prompt():
    llm = ScriptedLLM([Reply(write=lambda rendered: rendered.user.upper())])
    assert (await llm.complete(PROMPT, deadline=Deadline.after(SOON))).text == "WHY?"


def test_an_empty_script_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        ScriptedLLM([])
