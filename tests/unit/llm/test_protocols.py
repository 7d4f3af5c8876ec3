"""What the protocols send and how they read replies, without a server."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from answerable.adapters.models.anthropic import Messages
from answerable.adapters.models.openai_compatible import ChatCompletions
from answerable.adapters.models.provider import Provider
from answerable.adapters.models.reply import Reply
from answerable.core.completion import Usage
from answerable.core.errors import PermanentModelError, TransientModelError
from answerable.core.prompt import Rendered

RULES = "Use only the sources. " * 200
PROMPT = Rendered(
    prompt_id="answer", version="1.0.0", sha256="ab" * 32, system=f"{RULES}\nToday: x", user="How long?",
    fixed_chars=len(RULES),
)  # fmt: skip
SHORT = replace(PROMPT, system="Be true.\nToday: x", fixed_chars=8)
OPENAI = Provider(
    name="main", kind="openai-compatible", model="gpt-5.6-mini", base_url="https://api.openai.com/v1"
)
CLAUDE = Provider(name="main", kind="anthropic", model="claude")


def read(protocol, *events: object, rendered: Rendered = PROMPT) -> tuple[Reply, list[str | None]]:
    reply = Reply(provider="main", model="m", rendered=rendered)
    return reply, [protocol.take_event(reply, json.dumps(one)) for one in events]


def chunk(delta: dict[str, object], finish: str | None = None, **more: object) -> dict[str, object]:
    return {"choices": [{"delta": delta, "finish_reason": finish}], **more}


def test_the_limit_has_its_new_name_at_openai_and_its_old_one_elsewhere():
    assert "max_completion_tokens" in ChatCompletions(OPENAI).body(PROMPT, stream=False)
    elsewhere = replace(OPENAI, base_url="http://127.0.0.1:8000/v1")
    assert "max_tokens" in ChatCompletions(elsewhere).body(PROMPT, stream=False)


def test_anthropics_fixed_part_is_a_marked_block_of_its_own():
    marked, rest = Messages(CLAUDE).body(PROMPT, stream=True)["system"]
    assert marked == {"type": "text", "text": RULES, "cache_control": {"type": "ephemeral"}}
    assert rest == {"type": "text", "text": "\nToday: x"}


@pytest.mark.parametrize(
    ("provider", "prompt"), [(CLAUDE, SHORT), (replace(CLAUDE, prompt_caching=False), PROMPT)]
)
def test_anthropics_system_is_plain_where_there_is_nothing_to_cache(provider, prompt):
    assert Messages(provider).body(prompt, stream=True)["system"] == prompt.system


def test_openais_newest_models_cache_the_fixed_part_and_nothing_else():
    body = ChatCompletions(OPENAI).body(PROMPT, stream=True)
    first, rest = body["messages"][0]["content"]
    assert (first["text"], first["prompt_cache_breakpoint"]) == (RULES, {"mode": "explicit"})
    assert rest == {"type": "text", "text": "\nToday: x"}
    assert body["prompt_cache_options"] == {"mode": "explicit"}
    assert body["prompt_cache_key"] == "answer-abababababababab"


def test_what_would_only_be_written_into_the_cache_is_kept_out_of_it():
    body = ChatCompletions(OPENAI).body(SHORT, stream=True)
    assert body["prompt_cache_options"] == {"mode": "explicit"}
    assert body["messages"][0]["content"] == SHORT.system
    assert "prompt_cache_key" not in body


@pytest.mark.parametrize(
    "changes", [{"model": "gpt-4.1-mini"}, {"model": "gpt-5"}, {"base_url": "https://example.com/v1"}]
)
def test_others_get_no_marks(changes):
    body = ChatCompletions(replace(OPENAI, **changes)).body(PROMPT, stream=True)
    assert body["messages"][0]["content"] == PROMPT.system
    assert not [field for field in body if field.startswith("prompt_cache")]


@pytest.mark.parametrize(
    ("told", "usage"),
    [
        ({"prompt_tokens": 100, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 80}},
         Usage(input=100, cached=80, output=5)),
        ({"prompt_tokens": 100, "completion_tokens": 5,
          "prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 30}},
         Usage(input=100, cached=60, written=30, output=5)),
        ({"prompt_tokens": 100, "completion_tokens": 5, "prompt_cache_hit_tokens": 64},
         Usage(input=100, cached=64, output=5)),
        ({"prompt_tokens": 99, "completion_tokens": 5, "cached_tokens": 40}, Usage(input=99, cached=40, output=5)),
        ({"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 145}, Usage(input=100, output=45)),
        ({"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 99}},
         Usage(input=10, cached=10, output=5)),
    ],
)  # fmt: skip
def test_usage_is_read_from_every_shape(told, usage):
    for event in (chunk({}, "stop", usage=told), chunk({}, "stop", x_groq={"usage": told})):
        reply, _ = read(ChatCompletions(OPENAI), chunk({"content": "Hi"}), event)
        assert reply.completion().usage == usage


def test_what_is_no_text_is_a_sign_of_life_or_nothing():
    reply, texts = read(
        ChatCompletions(OPENAI),
        {"choices": [], "prompt_filter_results": []},
        chunk({"role": "assistant", "content": None}),
        chunk({"reasoning_content": "hm"}),
        chunk({"reasoning": "hm"}),
        chunk({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]}),
        chunk({"content": [{"type": "text", "text": "Yes"}]}),
        chunk({"content": "."}, "stop", system_fingerprint="fp_1", model="m-2"),
        {"choices": None, "usage": None},
    )
    assert texts == [None, None, "", "", "", "Yes", ".", None]
    completion = reply.completion()
    assert (completion.text, completion.fingerprint, completion.model) == ("Yes.", "fp_1", "m-2")
    assert completion.usage.estimated
    assert completion.usage.output >= 4  # the reasoning is paid for, too


@pytest.mark.parametrize("finish", ["error", "abort", "insufficient_system_resource"])
def test_a_model_that_gives_up_has_not_replied(finish):
    reply, _ = read(ChatCompletions(OPENAI), chunk({"content": "Half"}, finish))
    with pytest.raises(TransientModelError, match="gave up"):
        reply.completion()


@pytest.mark.parametrize(
    ("finish", "expected"), [("model_length", "length"), ("eos_token", "stop"), ("STOP", "stop")]
)
def test_finish_reasons_of_others_are_known(finish, expected):
    reply, _ = read(ChatCompletions(OPENAI), chunk({"content": "Half"}, finish))
    assert reply.completion().finish == expected


@pytest.mark.parametrize(
    "event",
    [
        [{"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}],
        {"object": "error", "message": "overloaded", "code": 503},
        {"x_groq": {"id": "r", "error": "overloaded"}},
        {"error": "overloaded"},
    ],
)
def test_an_error_in_place_of_a_chunk_is_an_error(event):
    with pytest.raises(TransientModelError, match="overloaded"):
        read(ChatCompletions(OPENAI), event)


def test_claudes_thinking_is_a_sign_of_life_and_its_usage_grows():
    start = {"type": "message_start", "message": {"usage": {"input_tokens": 9, "output_tokens": 1}}}
    thought = {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "hm"}}
    text = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Yes."}}
    last = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 7}}
    reply, texts = read(Messages(CLAUDE), start, {"type": "ping"}, thought, text, last)
    assert texts == [None, None, "", "Yes.", None]
    assert reply.completion().usage == Usage(input=9, output=7)


def test_a_cut_stream_keeps_the_input_that_was_told_and_estimates_the_output():
    start = {"type": "message_start", "message": {"usage": {"input_tokens": 900, "output_tokens": 1}}}
    text = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Thirty days it is."}}
    reply, _ = read(Messages(CLAUDE), start, text)
    used = reply.used()
    assert (used.input, used.estimated) == (900, True)
    assert used.output >= 5


def test_a_refusal_says_what_it_cost():
    reply, _ = read(
        ChatCompletions(OPENAI),
        chunk({"refusal": "No."}, "stop", usage={"prompt_tokens": 9, "completion_tokens": 3}),
    )
    reply.begun = True
    with pytest.raises(PermanentModelError) as caught, reply.accounting():
        reply.completion()
    assert (caught.value.reason, caught.value.usage) == ("refusal", Usage(input=9, output=3))
