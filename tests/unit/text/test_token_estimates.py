"""The estimate of tokens: for reserving money, so it must not be too low."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.core.prompt import Rendered
from answerable.llm.paying import largest_usage
from answerable.testing.model_server.tokens import count_tokens
from answerable.text.tokens import estimated_usage, prompt_tokens, token_count

LETTERS = st.text(alphabet="abcXYZ äßé яж 012 .,;-[]()\n\"' 日本 ไท", max_size=200)
PROMPT = Rendered(
    prompt_id="p", version="1.0.0", sha256="0" * 64, system="Be true.", user="How long?", max_output_tokens=77
)


@given(LETTERS)
def test_it_is_never_under_the_words_and_marks_of_a_text(text):
    assert token_count(text) >= count_tokens(text)


@given(LETTERS, LETTERS)
def test_two_texts_together_are_no_more_than_both_and_no_less_than_each(one, two):
    both = token_count(one + two)
    assert max(token_count(one), token_count(two)) <= both <= token_count(one) + token_count(two)


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("You can return it within 30 days.", 8, 16),
        ("Rückgaberecht", 3, 6),
        ("2026-11-22", 5, 10),
        ("日本語", 3, 5),
        ("😀", 2, 3),
    ],
)
def test_it_lies_near_what_byte_pair_vocabularies_give(text, least, most):
    assert least <= token_count(text) <= most


def test_a_prompt_counts_its_parts_and_the_messages_around_them():
    assert prompt_tokens(PROMPT) == token_count("Be true.") + 4 + token_count("How long?") + 4 + 3


def test_the_largest_usage_is_a_reply_as_long_as_it_may_be_and_says_that_it_is_estimated():
    most = largest_usage(PROMPT)
    assert (most.input, most.output, most.estimated) == (prompt_tokens(PROMPT), 77, True)
    so_far = estimated_usage(PROMPT, "Thirty days")
    assert (so_far.input, so_far.output, so_far.estimated) == (
        prompt_tokens(PROMPT),
        token_count("Thirty days"),
        True,
    )
