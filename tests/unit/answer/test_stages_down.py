"""Every guard killed in every way, and asked: nothing unguarded is said where safety is at stake (T27)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Literal

import pytest

from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.answer.guarding import Guards
from answerable.core.answer import Answer
from answerable.core.outcome import Outcome
from answerable.core.query import Query
from answerable.core.verdict import Verdict
from answerable.guards.brand import BrandGuard
from answerable.guards.chain import GuardSettings, default_guards
from answerable.guards.fused import Fused
from tests.unit.answer.test_ask import Watcher, asker, query

SAID = "Items can be returned within 30 days of delivery [1]. Sale items are final [1]."
GARBAGE = (None, "allow", True, Verdict(name="x", action="wave"), Verdict(name="x", action="mask"))
Death = Literal["raise", "hang", "late", "garbage"]
MEMBERS = (*default_guards(GuardSettings()), Fused(guard=BrandGuard(patterns=())))
CLOSED = {"size", "canonical", "injection", "safety", "links", "pii", "verbatim", "leaks", "brand"}


class Dead:
    """A guard that dies as told; it says of itself what the living one said."""

    def __init__(self, living: Fused, death: Death, value: object = None) -> None:
        self.name, self.stage, self.fails = living.name, living.stage, living.fails
        self._death, self._value = death, value

    async def check(self, query: Query, answer: Answer | None) -> Verdict:
        if self._death == "raise":
            raise RuntimeError("the guard is down")
        if self._death == "hang":
            await asyncio.Event().wait()
        return self._value  # type: ignore[return-value]


def killed(name: str, death: Death, value: object = None) -> Guards:
    members = [
        replace(one, guard=Dead(one, death, value), seconds=0.01) if one.name == name else one
        for one in MEMBERS
        if isinstance(one, Fused)
    ]
    return Guards(members=tuple(members))


def test_the_list_of_those_that_fail_closed_is_as_documented() -> None:
    assert {one.name for one in MEMBERS if one.fails == "closed"} == CLOSED
    assert {one.name for one in MEMBERS if one.fails == "open"} == {"scope"}


@pytest.mark.parametrize("name", sorted(CLOSED))
@pytest.mark.parametrize(
    ("death", "value"), [("raise", None), ("hang", None), *(("garbage", one) for one in GARBAGE)]
)
async def test_no_answer_is_given_past_a_dead_guard_that_fails_closed(
    name: str, death: Death, value: object
) -> None:
    watch, model = Watcher(), ScriptedLLM([SAID])
    made = await asker(llm=model, guards=killed(name, death, value))
    answer = await made.ask(query(), listen=watch)
    assert answer.outcome is Outcome.FAILED
    assert watch.shown() == ""
    assert "30 days" not in answer.text
    if next(one for one in MEMBERS if one.name == name).stage != "answer":
        assert model.calls == []


@pytest.mark.parametrize("death", ["raise", "hang", "garbage"])
async def test_the_scope_guard_fails_open_and_the_answer_says_so(death: Death) -> None:
    made = await asker(llm=ScriptedLLM([SAID]), guards=killed("scope", death))
    answer = await made.ask(query())
    assert answer.outcome is Outcome.ANSWERED
    assert "unguarded" in answer.degraded


async def test_a_guard_that_dies_in_the_second_sentence_ends_the_answer() -> None:
    class Dying(Dead):
        async def check(self, query: Query, answer: Answer | None) -> Verdict:
            if answer is not None and "final" in answer.text:
                raise RuntimeError("now it is down")
            return Verdict(name=self.name, passed=True)

    living = next(one for one in MEMBERS if one.name == "leaks")
    assert isinstance(living, Fused)
    members = [*MEMBERS[:-1], replace(living, guard=Dying(living, "raise"))]
    watch = Watcher()
    made = await asker(llm=ScriptedLLM([Reply(text=SAID)]), guards=Guards(members=tuple(members)))
    answer = await made.ask(query(), listen=watch)
    assert answer.outcome is Outcome.FAILED
    assert "final" not in watch.shown()
