"""An adapter that breaks in a way of its own."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from answerable.adapters.fakes.llm import ScriptedLLM
from answerable.core.deadline import Deadline
from answerable.core.errors import PermanentModelError, TransientModelError
from answerable.llm.chain import Chain
from answerable.llm.run import Link
from answerable.llm.sound import Sound


@dataclass(frozen=True)
class Breaks:
    error: Exception
    name: str = "one"

    async def complete(self, rendered, *, deadline):
        raise self.error

    async def stream(self, rendered, *, deadline):
        raise self.error
        yield ""


async def test_what_nobody_foresaw_is_a_failed_attempt(prompt, read):
    sound = Sound(llm=Breaks(KeyError("x")))
    with pytest.raises(TransientModelError, match="adapter of one broke: KeyError"):
        await sound.complete(prompt, deadline=Deadline.after(1.0))
    with pytest.raises(TransientModelError, match="adapter of one broke: KeyError"):
        await read(sound.stream(prompt, deadline=Deadline.after(1.0)))


async def test_what_was_foreseen_stays_what_it_is(prompt):
    with pytest.raises(PermanentModelError):
        await Sound(llm=Breaks(PermanentModelError("no"))).complete(prompt, deadline=Deadline.after(1.0))


async def test_the_next_provider_answers(prompt, read):
    links = (Link(llm=Sound(llm=Breaks(KeyError("x")))), Link(llm=Sound(llm=ScriptedLLM(["Within 30 days [1]."]))))
    text, completion = await read(Chain(links=links).stream(prompt, deadline=Deadline.after(4.0)))
    assert text == completion.text == "Within 30 days [1]."
    assert "provider_fallback" in completion.degraded
    assert (await Chain(links=links).complete(prompt, deadline=Deadline.after(4.0))).text == text
