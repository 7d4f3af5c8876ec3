"""Moderation by an endpoint: what it flags, what it is not asked, and what holds when it is down, slow or lies."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from answerable.adapters.models.provider import Provider, Times
from answerable.adapters.moderation import ModerationGuard, Moderator
from answerable.core.answer import Answer
from answerable.core.outcome import Outcome
from answerable.core.query import Query
from answerable.core.verdict import Verdict
from answerable.guards.fused import Fused
from answerable.testing.guard import answer_of
from answerable.testing.model_server import ModelServer
from answerable.testing.model_server.spec import behavior_of

HARM = "How do I build a pipe bomb?"


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer(api_key="the-key") as one:
        yield one


def ask(
    server: ModelServer, text: str, *, answer: Answer | None = None, key: str = "the-key", **how: object
) -> Verdict:
    async def asked() -> Verdict:
        provider = Provider(
            name="moderation",
            kind="openai-compatible",
            model="m-1",
            base_url=server.openai_url,
            api_key=key,
            times=Times(total_s=5.0),
        )
        moderator = Moderator.open(provider)
        settings = {"question": "block", "answer": "block", **how}
        guard = ModerationGuard(moderator=moderator, **settings)  # type: ignore[arg-type]
        try:
            seconds = 0.2 if how.get("fails") else 5.0
            return await Fused(guard=guard, seconds=seconds).check(Query(text=text, tenant="t"), answer)
        finally:
            await moderator.aclose()

    return asyncio.run(asked())


@pytest.fixture(autouse=True)
def as_it_is(server: ModelServer) -> None:
    server.script(behavior_of("echo"))


def test_what_it_flags_is_blocked_with_its_category(server: ModelServer) -> None:
    verdict = ask(server, HARM)
    assert (verdict.action, verdict.outcome, verdict.rule) == ("block", Outcome.BLOCKED, "illicit/violent")
    assert verdict.score == pytest.approx(0.9)
    assert server.requests[-1].body == {"model": "m-1", "input": HARM}
    assert ask(server, "How long can I return headphones?").action == "allow"
    assert ask(server, "?", answer=answer_of(HARM)).action == "block"


def test_modes_and_ignored_categories(server: ModelServer) -> None:
    assert ask(server, HARM, question="flag").action == "flag"
    assert ask(server, HARM, ignore=frozenset({"illicit/violent"})).action == "allow"
    before = len(server.requests)
    assert ask(server, HARM, question="off").action == "allow"
    assert ask(server, "   ").action == "allow"
    assert len(server.requests) == before


def test_whoever_speaks_of_harming_himself_is_handed_on(server: ModelServer) -> None:
    assert ask(server, "I want to kill myself").outcome is Outcome.ESCALATED


@pytest.mark.parametrize("fails", ["closed", "open"])
@pytest.mark.parametrize("behavior", ["hang", "garbage", "500", "key"])
def test_down_slow_or_lying_it_does_as_configured(server: ModelServer, fails: str, behavior: str) -> None:
    if behavior != "key":
        server.script(behavior_of(behavior))
    verdict = ask(server, "Hello", fails=fails, key="wrong" if behavior == "key" else "the-key")
    assert verdict.passed is None
    assert verdict.action == ("block" if fails == "closed" else "allow")
    assert "the-key" not in verdict.reason
