"""Every fault that the scripted server knows, over a socket: each adapter types it, and none of them hangs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from answerable.adapters.models.adapter import model_at
from answerable.adapters.models.provider import Provider, Times
from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import ModelError, PermanentModelError, TransientModelError
from answerable.core.prompt import Rendered
from answerable.testing.model_server import NAMED, ModelServer
from answerable.testing.model_server.behaviors import Echo, Picky, Stall, Status
from answerable.testing.model_server.exchange import Exchange
from answerable.testing.model_server.prompt_cache import PromptCache

RULES = "Use only the sources, and say so where they do not answer. " * 120
SHORT = Rendered(prompt_id="p", version="1.0.0", sha256="0" * 64, system="Be true.", user="How long?")
KINDS = ("openai-compatible", "azure", "anthropic")
T, P = TransientModelError, PermanentModelError
FAULTS = {
    "too-long": (P, "too_long"), "401": (P, "key"), "403": (P, "key"), "404": (P, "model"),
    "refuse": (P, "refusal"),
    "408": (T, False), "409": (T, False), "429": (T, False), "429-bare": (T, False), "429-limits": (T, False),
    "500": (T, False), "502": (T, False), "503": (T, False), "504": (T, False), "529": (T, False),
    "garbage": (T, False), "garbage-http": (T, False), "truncated": (T, False), "html": (T, False),
    "sse-unnamed": (T, False), "sse-unended": (T, False), "drop": (T, False), "empty": (T, False),
    "cut-first": (T, False), "late-error": (T, False), "late-overload": (T, False),
}  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer(prompt_cache=PromptCache(least=512, step=128)) as one:
        yield one


def provider(server: ModelServer, kind: str, *, at: str = "", model: str = "m") -> Provider:
    url = f"{server.url}{at}" + ("/v1" if kind == "openai-compatible" else "")
    times = Times(first_token_s=5.0, total_s=10.0)
    return Provider(name="main", kind=kind, base_url=url, model=model, api_key="sk-test-0123456789", times=times)


async def ask(llm, *, stream: bool, rendered: Rendered = SHORT) -> Completion:
    deadline = Deadline.after(10)
    if not stream:
        return await llm.complete(rendered, deadline=deadline)
    *_, last = [piece async for piece in llm.stream(rendered, deadline=deadline)]
    return last


@pytest.mark.parametrize("kind", KINDS)
async def test_every_fault_is_a_typed_error_and_the_model_answers_after_it(server, kind):
    wrong = []
    async with model_at(provider(server, kind)) as llm:
        for name, (error, cause) in FAULTS.items():
            for stream in (False, True):
                server.script(NAMED[name], Echo("Yes."))
                made = await _error(llm, stream=stream)
                told = made.reason if isinstance(made, P) else made.exhausted if isinstance(made, T) else None
                if not isinstance(made, error) or told != cause:
                    wrong.append((name, stream, repr(made), told))
                assert (await ask(llm, stream=stream)).text == "Yes."
    assert wrong == []


async def _error(llm, *, stream: bool) -> ModelError | None:
    try:
        await ask(llm, stream=stream)
    except ModelError as error:
        return error
    return None


class Unstreamed:
    """Answers with a whole reply although a stream was asked for."""

    async def perform(self, exchange: Exchange) -> None:
        await exchange.asked(replace(exchange.prompt, stream=False)).reply("Yes.")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_whole_reply_in_place_of_a_stream_is_read(server, kind):
    server.script(Unstreamed())
    async with model_at(provider(server, kind)) as llm:
        pieces = [piece async for piece in llm.stream(SHORT, deadline=Deadline.after(10))]
    assert pieces[0] == "Yes."
    assert isinstance(pieces[-1], Completion)
    assert not pieces[-1].usage.estimated


@pytest.mark.parametrize("kind", KINDS)
async def test_comments_that_keep_a_line_alive_are_no_sign_of_life(server, kind):
    server.script(Stall(keep_alive_s=0.02, say=Echo("One two three four five six.")))
    short = replace(provider(server, kind), times=Times(first_token_s=5.0, between_tokens_s=0.15))
    async with model_at(short) as llm:
        with pytest.raises(TransientModelError, match="no further text"):
            await ask(llm, stream=True)


async def test_azure_has_its_deployment_in_the_path_and_its_own_key_header(server):
    server.script(Echo("Yes."), at="/az")
    async with model_at(provider(server, "azure", at="/az/openai", model="my gpt")) as llm:
        assert (await ask(llm, stream=True)).text == "Yes."
    request = server.requests[-1]
    assert request.path == "/az/openai/deployments/my%20gpt/chat/completions"
    assert request.headers["api-key"] == "***"
    assert "authorization" not in request.headers


@pytest.mark.parametrize("stream", [False, True])
async def test_azures_content_filter_is_a_refusal_and_a_quota_is_for_another_endpoint(server, stream):
    quota = Status(429, code="insufficient_quota")
    server.script(NAMED["refuse-400"], quota, at="/az2")
    async with model_at(provider(server, "azure", at="/az2")) as llm:
        with pytest.raises(PermanentModelError) as refused:
            await ask(llm, stream=stream)
        with pytest.raises(TransientModelError) as used_up:
            await ask(llm, stream=stream)
    assert (refused.value.reason, used_up.value.exhausted) == ("refusal", True)


async def test_what_an_endpoint_refuses_is_left_out_from_then_on(server):
    server.script(Picky(fields=("stream_options", "max_tokens", "temperature"), say=Echo("Yes.")), at="/picky")
    before = server.seen.by_endpoint["/picky"]
    async with model_at(provider(server, "openai-compatible", at="/picky")) as llm:
        first = await ask(llm, stream=True)
        assert server.seen.by_endpoint["/picky"] - before == 4  # three lessons
        await ask(llm, stream=True)
    assert server.seen.by_endpoint["/picky"] - before == 5
    assert server.requests[-1].body.keys() == {"model", "messages", "max_completion_tokens", "stream"}
    assert first.usage.estimated


@pytest.mark.parametrize("kind", KINDS)
async def test_the_fixed_part_is_read_from_the_providers_cache_from_the_second_question_on(server, kind):
    server.script(Echo("Yes."))
    async with model_at(provider(server, kind, model=f"cached-{kind}")) as llm:
        usages = [(await ask(llm, stream=bool(i % 2), rendered=_question(f"token {i}"))).usage for i in range(4)]
    fixed = len(RULES.split()) + RULES.count(",") + RULES.count(".")
    assert usages[0].cached == 0
    assert all(fixed - 128 < one.cached <= fixed for one in usages[1:])
    assert all(one.cached > 0.9 * one.input for one in usages[1:])
    assert [one.written for one in usages] == [fixed if kind == "anthropic" else 0, 0, 0, 0]


def _question(canary: str) -> Rendered:
    system = f"{RULES}\nMarker: {canary}"
    return Rendered(
        prompt_id="p", version="1", sha256="0" * 64, system=system, user=f"{canary}?", fixed_chars=len(RULES)
    )  # fmt: skip
