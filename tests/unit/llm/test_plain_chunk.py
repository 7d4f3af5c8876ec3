"""The quick reading of a usual chunk says what the strict one would."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.adapters.models.openai_compatible import ChatCompletions
from answerable.adapters.models.plain_chunk import read_plain
from answerable.adapters.models.provider import Provider
from answerable.adapters.models.reply import Reply
from answerable.core.errors import ModelError
from answerable.core.prompt import Rendered

PROTOCOL = ChatCompletions(Provider(name="p", kind="openai-compatible", base_url="http://127.0.0.1:9", model="m"))
RENDERED = Rendered(prompt_id="p", version="1", sha256="0" * 64, system="s", user="u")

odd = st.sampled_from(
    [None, "", "word", "stop", 0, 1, False, {}, [], {"message": "m"}, {"prompt_tokens": 3}, ["a"]]
)
text = st.one_of(st.sampled_from([" the", "", "日本", "🙂"]), odd)


def some(**known):
    return st.fixed_dictionaries({}, optional=known)


deltas = some(role=st.just("assistant"), content=text, refusal=odd, reasoning_content=odd, reasoning=odd)
choices = st.fixed_dictionaries({"index": st.just(0), "delta": st.one_of(deltas, odd)}, optional={
    "finish_reason": odd, "message": odd,
})  # fmt: skip
chunks = some(
    object=st.sampled_from(["chat.completion.chunk", "error", None, 3]),
    model=odd,
    system_fingerprint=odd,
    choices=st.one_of(st.lists(choices, max_size=2), odd),
    usage=odd,
    error=odd,
    x_groq=odd,
)


def outcome(take, data):
    reply = Reply(provider="p", model="m", rendered=RENDERED)
    try:
        said = take(reply, data)
    except ModelError as error:
        return type(error), str(error)
    return said, reply


@given(chunk=chunks)
def test_both_readings_of_a_chunk_are_the_same(chunk):
    data = json.dumps(chunk)
    assert outcome(PROTOCOL.take_event, data) == outcome(PROTOCOL._take, data)


def test_the_usual_chunk_is_read_quickly_also_with_what_says_nothing():
    delta = {"role": "assistant", "content": " days", "refusal": None, "reasoning_content": None}
    chunk = {
        "object": "chat.completion.chunk",
        "model": "m-1",
        "choices": [{"delta": delta, "finish_reason": None}],
    }
    assert read_plain(json.dumps({**chunk, "usage": None, "system_fingerprint": "fp"})) == (" days", "m-1", "fp")


@pytest.mark.parametrize("data", ['{"choices"', "[]", '"ab"', '{"choices": "ab"}', '{"choices": []}', "[" * 9999])
def test_what_is_no_chunk_is_left_to_the_strict_reading(data):
    assert read_plain(data) is None


def test_half_a_pair_is_no_text():
    assert read_plain('{"choices": [{"delta": {"content": "\\ud83d"}}]}') is None
