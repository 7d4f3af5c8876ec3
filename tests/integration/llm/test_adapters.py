"""The two protocol adapters on the wire: what they send, what they take, and what they never let through."""

from __future__ import annotations

import logging
import socket
from dataclasses import replace

import pytest

from answerable.adapters.models.anthropic import Anthropic
from answerable.adapters.models.openai_compatible import OpenAICompatible
from answerable.adapters.models.provider import Provider, Times
from answerable.core.completion import Completion, Usage
from answerable.core.deadline import Deadline
from answerable.core.errors import DeadlineExceeded, PermanentModelError, TransientModelError
from answerable.core.prompt import Rendered
from answerable.testing.model_server.behaviors import (
    Cut,
    Drip,
    Echo,
    Garbage,
    Invent,
    Slow,
    Status,
    Truncated,
)  # fmt: skip
from answerable.testing.model_server.exchange import Exchange

KEY = "sk-test-0123456789abcdef"
PROMPT = Rendered(
    prompt_id="p", version="1.0.0", sha256="0" * 64, system="Be true.", user="Frage: Rückgabe?", temperature=0.3,
    max_output_tokens=77,
)  # fmt: skip
HALF = "Half of a sen"


class Raw:
    """Sends a body of its own, whatever the protocol."""

    def __init__(self, *, whole: bytes = b"", events: bytes = b"") -> None:
        self.whole, self.events = whole, events

    async def perform(self, exchange: Exchange) -> None:
        if not exchange.prompt.stream:
            return await exchange.responder.whole(200, self.whole, {"content-type": "application/json"})
        await exchange.responder.begin()
        await exchange.responder.write(self.events)
        await exchange.responder.end()


def provider(server, kind: str, **changes) -> Provider:
    url = server.url if kind == "anthropic" else server.openai_url
    return replace(Provider(name="main", kind=kind, base_url=url, model="m-1", api_key=KEY), **changes)


def adapter(provider: Provider):
    return Anthropic(provider) if provider.kind == "anthropic" else OpenAICompatible(provider)


async def complete(llm, seconds: float = 20.0) -> Completion:
    return await llm.complete(PROMPT, deadline=Deadline.after(seconds))


async def stream(llm, seconds: float = 20.0) -> Completion:
    *_, last = [piece async for piece in llm.stream(PROMPT, deadline=Deadline.after(seconds))]
    return last


both_kinds = pytest.mark.parametrize("kind", ["openai-compatible", "anthropic"])
both_ways = pytest.mark.parametrize("call", [complete, stream])


@both_ways
async def test_openai_gets_its_request(model_server, call):
    model_server.script(Echo("Yes."))
    async with adapter(provider(model_server, "openai-compatible")) as llm:
        await call(llm)
    (request,) = model_server.requests
    streaming = (
        {"stream": True, "stream_options": {"include_usage": True}} if call is stream else {"stream": False}
    )
    assert request.body == {
        "model": "m-1",
        "messages": [{"role": "system", "content": "Be true."}, {"role": "user", "content": "Frage: Rückgabe?"}],
        "max_tokens": 77,
        "temperature": 0.3,
        **streaming,
    }
    assert request.path == "/v1/chat/completions"


@both_ways
async def test_anthropic_gets_its_request(model_server, call):
    model_server.script(Echo("Yes."))
    async with adapter(provider(model_server, "anthropic")) as llm:
        await call(llm)
    (request,) = model_server.requests
    assert request.body == {
        "model": "m-1",
        "system": "Be true.",
        "messages": [{"role": "user", "content": "Frage: Rückgabe?"}],
        "max_tokens": 77,
        "temperature": 0.3,
        "stream": call is stream,
    }
    assert request.headers["anthropic-version"] == "2023-06-01"


@both_kinds
async def test_the_key_goes_where_the_protocol_wants_it(kind):
    from answerable.testing.model_server import ModelServer

    with ModelServer(Echo("Yes."), api_key=KEY) as server:
        async with adapter(provider(server, kind)) as llm:
            assert (await complete(llm)).text == "Yes."
        async with adapter(provider(server, kind, api_key="")) as llm:
            with pytest.raises(PermanentModelError) as caught:
                await complete(llm)
            assert caught.value.status == 401


@both_kinds
async def test_settings_of_the_provider_decide_temperature_and_the_name_of_the_limit(model_server, kind):
    async with adapter(provider(model_server, kind, temperature=0.9)) as llm:
        await complete(llm)
    async with adapter(provider(model_server, kind, send_temperature=False)) as llm:
        await complete(llm)
    async with adapter(provider(model_server, kind, max_tokens_field="max_completion_tokens")) as llm:
        await complete(llm)
    first, second, third = (one.body for one in model_server.requests)
    assert first["temperature"] == 0.9
    assert "temperature" not in second
    assert third["max_completion_tokens" if kind == "openai-compatible" else "max_tokens"] == 77


@both_kinds
async def test_a_connection_is_used_again_after_streams_and_replies(model_server, kind):
    model_server.script(Echo("Yes it is."))
    async with adapter(provider(model_server, kind)) as llm:
        for _ in range(3):
            await stream(llm)
            await complete(llm)
    assert model_server.connections == 1


@both_kinds
async def test_a_stream_that_is_left_is_closed_at_the_provider(model_server, kind):
    model_server.script(Drip(chars=1, interval_s=0.02, say=Echo("x" * 500)))
    async with adapter(provider(model_server, kind)) as llm:
        pieces = llm.stream(PROMPT, deadline=Deadline.after(20))
        assert await anext(pieces) == "x"
        await pieces.aclose()
    assert not model_server.requests[0].completed


@both_kinds
@both_ways
@pytest.mark.parametrize(
    ("behavior", "cause"),
    [
        (Garbage(), "sent what is no"),
        (Garbage(form="http"), "broke off its reply"),
        (Truncated(), "sent what is no"),
        (Cut(after=5), "broke off its reply"),
        (Echo("   \n"), "replied with nothing"),
        (Status(500), "HTTP 500"),
        (Status(503), "overloaded"),
        (Raw(whole=b"[]", events=b"data: []\n\n"), "sent what is no"),
        (Raw(whole=b"{}", events=b": nothing\n\n"), "stopped in the middle"),
    ],
)
async def test_what_is_no_reply_is_transient_with_its_cause(model_server, kind, call, behavior, cause):
    model_server.script(behavior)
    async with adapter(provider(model_server, kind)) as llm:
        with pytest.raises(TransientModelError, match=cause):
            await call(llm)


@both_kinds
async def test_a_clean_end_without_a_finish_reason_is_no_reply(model_server, kind):
    model_server.script(Cut(after=9, ending="clean", say=Echo("This looks finished.")))
    async with adapter(provider(model_server, kind)) as llm:
        with pytest.raises(TransientModelError, match="stopped in the middle"):
            await stream(llm)


@both_kinds
@both_ways
async def test_a_refused_connection_is_transient(kind, call):
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with adapter(Provider(name="main", kind=kind, base_url=url, model="m")) as llm:
            with pytest.raises(TransientModelError, match="takes no connections"):
                await call(llm)


@both_kinds
@both_ways
async def test_nothing_is_sent_after_the_deadline(model_server, kind, call):
    async with adapter(provider(model_server, kind)) as llm:
        with pytest.raises(DeadlineExceeded, match="before model main"):
            await call(llm, seconds=0.0)
    assert model_server.connections == 0


@both_kinds
@both_ways
async def test_time_that_was_the_requests_own_is_told_as_such(model_server, kind, call):
    model_server.script(Slow(first_s=30))
    async with adapter(provider(model_server, kind)) as llm:
        with pytest.raises(DeadlineExceeded, match="when the time was over"):
            await call(llm, seconds=0.2)


@both_kinds
async def test_each_time_limit_has_its_own_error(model_server, kind):
    times = Times(first_token_s=0.2, between_tokens_s=0.3, total_s=0.4)
    async with adapter(provider(model_server, kind, times=times)) as llm:
        model_server.script(Slow(first_s=5))
        with pytest.raises(TransientModelError, match=r"no first text within 0\.2 s") as silent:
            await stream(llm)
        with pytest.raises(TransientModelError, match=r"no reply within 0\.4 s") as late:
            await complete(llm)
        for error in (silent.value, late.value):  # it was asked all the same: the prompt is paid for
            assert (error.usage.input > 0, error.usage.estimated) == (True, True)
        model_server.script(Drip(chars=1, interval_s=5, say=Echo("slow")))
        with pytest.raises(TransientModelError, match=r"no further text within 0\.3 s"):
            await stream(llm)
        model_server.script(Drip(chars=1, interval_s=0.05, say=Echo("slow " * 20)))
        with pytest.raises(TransientModelError, match=r"no whole reply within 0\.4 s"):
            await stream(llm)


@both_kinds
@both_ways
async def test_a_reply_without_end_is_left(model_server, kind, call):
    model_server.script(Echo("word " * 2000))
    async with adapter(provider(model_server, kind, max_response_bytes=5000)) as llm:
        with pytest.raises(TransientModelError, match="more than 5000 bytes"):
            await call(llm)


@both_kinds
@both_ways
async def test_no_error_and_no_log_line_holds_the_key(model_server, kind, call, caplog):
    caplog.set_level(logging.DEBUG)
    model_server.script(Status(401, message=f"Incorrect API key provided: {KEY}. " + "x" * 5000))
    async with adapter(provider(model_server, kind)) as llm:
        with pytest.raises(PermanentModelError) as caught:
            await call(llm)
    assert KEY not in str(caught.value) + repr(caught.value) + caught.value.hint + caplog.text
    assert len(str(caught.value)) < 300
    assert "API key" in caught.value.hint


@both_kinds
async def test_redirects_are_not_followed(model_server, kind):
    class Elsewhere:
        async def perform(self, exchange: Exchange) -> None:
            await exchange.responder.whole(307, b"", {"location": "/v1/models"})

    model_server.script(Elsewhere())
    async with adapter(provider(model_server, kind)) as llm:
        with pytest.raises(PermanentModelError, match="redirects are not followed"):
            await complete(llm)
    assert len(model_server.requests) == 1


@both_kinds
async def test_the_environments_proxy_is_not_used_unless_asked_for(model_server, kind, monkeypatch):
    model_server.script(Echo("Yes."))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    async with adapter(provider(model_server, kind)) as llm:
        assert (await complete(llm)).text == "Yes."
    async with adapter(provider(model_server, kind, trust_env=True)) as llm:
        with pytest.raises(TransientModelError, match="takes no connections"):
            await complete(llm)


@both_ways
async def test_openai_counts_cached_input_and_reports_the_real_model(model_server, call):
    usage = '"usage":{"prompt_tokens":100,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":80}}'
    model_server.script(
        Raw(
            whole=b'{"model":"m-1-2026","choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],'
            + usage.encode() + b"}",
            events=b'data: {"model":"m-1-2026","choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}'
            + b'\r\n\r\ndata: {"choices":[],' + usage.encode() + b"}\r\n\r\ndata: [DONE]\r\n\r\n",
        )
    )  # fmt: skip
    async with adapter(provider(model_server, "openai-compatible")) as llm:
        completion = await call(llm)
    assert (completion.model, completion.usage) == ("m-1-2026", Usage(input=100, cached=80, output=5))


@both_ways
async def test_anthropic_counts_all_input_and_reports_the_real_model(model_server, call):
    usage = b'{"input_tokens":10,"cache_read_input_tokens":80,"cache_creation_input_tokens":10,"output_tokens":5}'
    model_server.script(
        Raw(
            whole=b'{"model":"m-1-2026","content":[{"type":"thinking","thinking":"?"},{"type":"text","text":"Hi"}],'
            b'"stop_reason":"end_turn","usage":' + usage + b"}",
            events=b'data: {"type":"message_start","message":{"model":"m-1-2026","content":[],"usage":'
            + usage
            + b"}}"
            b'\n\ndata: {"type":"new_kind_of_event","index":0}'
            b'\n\ndata: {"type":"content_block_delta","delta":{"type":"text_delta","text":"Hi"}}'
            b'\n\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}'
            b'\n\ndata: {"type":"message_stop"}\n\n',
        )
    )
    async with adapter(provider(model_server, "anthropic")) as llm:
        completion = await call(llm)
    assert (completion.model, completion.usage) == ("m-1-2026", Usage(input=100, cached=80, written=10, output=5))


@pytest.mark.parametrize(
    ("kind", "event", "error"),
    [
        ("openai-compatible", b'{"error":{"message":"the engine died"}}', TransientModelError),
        ("anthropic", b'{"type":"error","error":{"type":"overloaded_error","message":"the engine died"}}',
         TransientModelError),
        ("anthropic", b'{"type":"error","error":{"type":"invalid_request_error","message":"the engine died"}}',
         PermanentModelError),
    ],
)  # fmt: skip
async def test_an_error_inside_a_stream_is_an_error(model_server, kind, event, error):
    model_server.script(Raw(events=b"data: " + event + b"\n\n"))
    async with adapter(provider(model_server, kind)) as llm:
        with pytest.raises(error, match="the engine died"):
            await stream(llm)


@pytest.mark.parametrize("field", ["refusal", "finish"])
@both_ways
async def test_both_forms_of_an_openai_refusal_are_known(model_server, field, call):
    said = {
        "refusal": '{"refusal":"No."},"finish_reason":"stop"',
        "finish": '{"content":"N"},"finish_reason":"content_filter"',
    }
    body = said[field]
    model_server.script(
        Raw(
            whole=('{"choices":[{"message":' + body + "}]}").encode(),
            events=('data: {"choices":[{"delta":' + body + "}]}\n\ndata: [DONE]\n\n").encode(),
        )
    )
    async with adapter(provider(model_server, "openai-compatible")) as llm:
        with pytest.raises(PermanentModelError, match="refused"):
            await call(llm)


async def test_the_invented_sentence_comes_through_unchanged(model_server):
    model_server.script(Invent())
    async with adapter(provider(model_server, "openai-compatible")) as llm:
        assert (await stream(llm)).text == (await complete(llm)).text
