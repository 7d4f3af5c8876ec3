"""A chain of real adapters against a provider that fails in every way: who answers, in time, and what is told."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

import pytest

from answerable.adapters.fakes.llm import ScriptedLLM
from answerable.adapters.models.anthropic import Anthropic
from answerable.adapters.models.openai_compatible import OpenAICompatible
from answerable.adapters.models.provider import Provider
from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import TransientModelError
from answerable.llm.chain import Chain
from answerable.llm.concurrency import Limited
from answerable.llm.retry import Retry
from answerable.llm.run import Link
from answerable.testing.model_server import Behavior, ModelServer
from answerable.testing.model_server.behaviors import (
    Cut,
    Drip,
    Echo,
    Garbage,
    Hang,
    Refuse,
    Slow,
    Status,
    Truncated,
)  # fmt: skip
from answerable.testing.prompts import sealed

PROMPT = replace(sealed("U", system="S"), question="Q")
MAIN = "The first model says so [1]. And it says more [2]."
BACKUP = "The second model says so [1]. And it says more [2]."
QUOTE = "The source itself [1]."
DEADLINE_S = 3.0


@dataclass(slots=True)
class Bench:
    """A chain of an OpenAI-compatible main, an Anthropic backup and an end without a model."""

    main: ModelServer
    backup: ModelServer
    chain: Chain

    async def ask(self, *, stream: bool, deadline_s: float = DEADLINE_S) -> tuple[str, Completion]:
        """The text that came, and the completion; it is an error when the deadline was passed."""
        deadline = Deadline.after(deadline_s)
        if stream:
            *pieces, last = [piece async for piece in self.chain.stream(PROMPT, deadline=deadline)]
            text = "".join(pieces)
        else:
            last = await self.chain.complete(PROMPT, deadline=deadline)
            text = last.text
        assert not deadline.over
        return text, last


def link(provider: Provider, llm: OpenAICompatible | Anthropic) -> Link:
    return Link(llm=Retry(llm=Limited(llm, permits=8)), model=provider.model, reserve_s=1.0)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    with ModelServer(Echo(MAIN)) as main, ModelServer(Echo(BACKUP)) as backup:
        first = Provider(name="main", kind="openai-compatible", base_url=main.openai_url, model="m", api_key="k1")
        second = Provider(name="backup", kind="anthropic", base_url=backup.url, model="b", api_key="k2")
        async with AsyncExitStack() as stack:
            links = (
                link(first, await stack.enter_async_context(OpenAICompatible(first))),
                link(second, await stack.enter_async_context(Anthropic(second))),
            )
            end = ScriptedLLM([QUOTE], name="extractive", model="extractive")
            yield Bench(main, backup, Chain(links=links, last_resort=end))


both_ways = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


def story(completion: Completion) -> list[tuple[str, str]]:
    return [(one.provider, one.outcome) for one in completion.attempts]


@both_ways
async def test_the_main_model_answers_when_nothing_is_wrong(bench, stream):
    text, completion = await bench.ask(stream=stream)
    assert text == completion.text == MAIN
    assert (completion.provider, completion.model, completion.degraded) == ("main", "m", ())
    assert story(completion) == [("main", "ok")]
    assert bench.backup.requests == []


@both_ways
@pytest.mark.parametrize(
    "failure",
    [
        Slow(first_s=30),
        Drip(chars=1, interval_s=0.9, say=Echo(MAIN)),
        Garbage(),
        Garbage(form="http"),
        Truncated(),
        Cut(after=0, say=Echo(MAIN)),
        Cut(after=12, say=Echo(MAIN)),
        Cut(after=12, ending="clean", say=Echo("One unfinished sentence")),
        Status(429, retry_after="20"),
        Status(500),
        Status(503),
        Hang(),
    ],
    ids=lambda one: str(one)[:24],
)
async def test_the_backup_answers_in_time_when_the_main_model_fails(bench, stream, failure: Behavior):
    bench.main.script(failure)
    text, completion = await bench.ask(stream=stream)
    assert text == completion.text == BACKUP
    assert (completion.provider, completion.degraded) == ("backup", ("provider_fallback",))
    assert {one.outcome for one in completion.attempts if one.provider == "main"} == {"transient"}
    assert all(one.error for one in completion.attempts if one.provider == "main")
    assert story(completion)[-1] == ("backup", "ok")


@both_ways
async def test_the_backup_answers_when_the_main_model_is_down(bench, stream):
    bench.main.stop()
    text, completion = await bench.ask(stream=stream)
    assert text == BACKUP
    assert "takes no connections" in completion.attempts[0].error


@both_ways
async def test_a_short_wait_that_the_provider_asks_for_is_waited(bench, stream):
    bench.main.script(Status(429, retry_after="0.2"), Echo(MAIN))
    text, completion = await bench.ask(stream=stream)
    assert text == MAIN
    assert story(completion) == [("main", "transient"), ("main", "ok")]
    first, second = completion.attempts
    assert first.status == 429
    assert second.started_ms - (first.started_ms + first.duration_ms) >= 200
    assert completion.degraded == ()


@both_ways
async def test_an_error_that_has_passed_costs_one_retry(bench, stream):
    bench.main.script(Status(500), Echo(MAIN))
    text, completion = await bench.ask(stream=stream)
    assert text == MAIN
    assert story(completion) == [("main", "transient"), ("main", "ok")]


@both_ways
@pytest.mark.parametrize(
    ("failure", "mark"),
    [
        (Status(400), "provider_rejected"),
        (Status(401), "provider_misconfigured"),
        (Refuse(), "provider_refused"),
    ],
    ids=["400", "401", "refusal"],
)
async def test_a_fault_of_the_request_goes_to_no_other_model_but_the_person_gets_quotes(
    bench, stream, failure, mark
):
    bench.main.script(failure)
    text, completion = await bench.ask(stream=stream)
    assert text == QUOTE
    assert bench.backup.requests == []
    assert story(completion) == [("main", "permanent"), ("backup", "skipped"), ("extractive", "ok")]
    assert completion.degraded == (mark, "extractive")
    assert completion.attempts[0].error


@both_ways
@pytest.mark.parametrize("failure", [Status(503), Hang(), Garbage(form="http")], ids=["503", "hang", "garbage"])
async def test_quotes_come_in_time_when_every_model_fails(bench, stream, failure):
    bench.main.script(failure)
    bench.backup.script(failure)
    text, completion = await bench.ask(stream=stream)
    assert text == QUOTE
    assert story(completion)[-1] == ("extractive", "ok")
    assert {one for one, outcome in story(completion) if outcome == "transient"} == {"main", "backup"}


@pytest.mark.parametrize("ending", ["cut", "clean"])
async def test_a_stream_that_stops_after_its_first_sentence_is_told_with_what_was_shown(bench, ending):
    bench.main.script(Cut(after=44, ending=ending, say=Echo(MAIN)))
    shown = ""
    with pytest.raises(TransientModelError) as caught:
        async for piece in bench.chain.stream(PROMPT, deadline=Deadline.after(DEADLINE_S)):
            shown += piece
    assert caught.value.partial == shown == MAIN[:44]
    assert [(one.provider, one.outcome) for one in caught.value.attempts] == [("main", "transient")]
    assert bench.backup.requests == []


async def test_a_drip_that_outlasts_the_deadline_is_told_with_what_was_shown(bench):
    bench.main.script(Drip(chars=10, interval_s=0.2, say=Echo(MAIN + " more" * 100)))
    deadline, shown = Deadline.after(2.0), ""
    with pytest.raises(TransientModelError) as caught:
        async for piece in bench.chain.stream(PROMPT, deadline=deadline):
            shown += piece
    assert not deadline.over  # time is left for the end that asks no model
    assert caught.value.partial == shown
    assert shown.startswith("The first model says so [1]. ")


async def test_leaving_the_chain_ends_the_providers_work(bench):
    bench.main.script(Drip(chars=40, interval_s=0.2, say=Echo(MAIN * 20)))
    stream = bench.chain.stream(PROMPT, deadline=Deadline.after(DEADLINE_S))
    assert (await anext(stream)).startswith("The first model")
    await stream.aclose()
    assert (await bench.ask(stream=False, deadline_s=0.4))[1].provider  # the bench still works
    assert not bench.main.requests[0].completed


async def test_a_provider_address_where_nobody_listens_costs_almost_nothing():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        provider = Provider(name="main", kind="openai-compatible", base_url=url, model="m")
        async with OpenAICompatible(provider) as llm:
            chain = Chain(links=(link(provider, llm),), last_resort=ScriptedLLM([QUOTE], name="extractive"))
            completion = await chain.complete(PROMPT, deadline=Deadline.after(DEADLINE_S))
    assert completion.text == QUOTE
    assert sum(one.duration_ms for one in completion.attempts) < 1000 * DEADLINE_S
