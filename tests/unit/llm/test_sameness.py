"""Two questions share a line only where nothing but courtesy, grammar and a known turn of phrase parts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.lab.near_misses import from_questions, shipped
from answerable.llm.sameness import meaning

SAME = [
    ("How can I return shoes?", "Hello, how do I return the shoes please?"),
    ("Can I return shoes?", "Is it possible to return shoes"),
    ("If I am a member, can I return shoes?", "Can I return shoes if I'm a member?"),
    ("How much does shipping cost?", "What is the price of shipping?"),
    ("Is there a fee of €20?", "Is there a fee of 20 euros?"),
    ("Kann ich Schuhe umtauschen?", "Hallo, kann ich Schuhe umtauschen, bitte?"),
    ("¿Puedo cambiar zapatos?", "Hola, ¿puedo cambiar zapatos, por favor?"),
]
OTHER = [
    ("Can I return shoes?", "Can't I return shoes?"),
    ("Can I return shoes?", "Must I return shoes?"),
    ("Can the tenant sue the landlord?", "Can the landlord sue the tenant?"),
    ("What applies in US stores?", "What applies in us stores?"),
    ("What does the IT team do?", "What does it team do?"),
    ("Is it valid in May?", "Is it valid, may I ask?"),
    ("Is 2.5 kg allowed?", "Is 25 kg allowed?"),
    ("Is 1,000 EUR the limit?", "Is 1.000 EUR the limit?"),
    ("Do I get 5 % off?", "Do I get 5 € off?"),
    ("What is C++?", "What is C?"),
    ("What is the universe?", "What is the university?"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_courtesy_and_turns_of_phrase_part_nothing(one: str, other: str) -> None:
    language = "de" if "ich" in one else "es" if "¿" in one else "en"
    assert meaning(one, language) == meaning(other, language)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_whatever_else_differs_parts_them(one: str, other: str) -> None:
    assert meaning(one) != meaning(other)


def test_another_language_is_another_line() -> None:
    assert meaning("Hotel in Berlin?", "en") != meaning("Hotel in Berlin?", "de")


def test_no_near_miss_of_the_suite_shares_a_line_held_out_or_not() -> None:
    near = [pair for pair in shipped() if not pair.same]
    assert len(near) > 1500
    assert [pair for pair in near if meaning(pair.one, pair.language) == meaning(pair.other, pair.language)] == []


def test_a_projects_own_questions_are_turned_into_near_misses() -> None:
    own = ["Can I return shoes within 30 days in Berlin?", "Do you ship to Madrid?", "Can I return it?"]
    found = from_questions(own)
    assert {pair.kind for pair in found} == {"own: negation", "own: number", "own: name"}
    assert {pair.half for pair in found} == {"held-out"}
    turned = {pair.other for pair in found}
    assert "Can I not return shoes within 30 days in Berlin?" in turned
    assert "Can I return shoes within 31 days in Berlin?" in turned
    assert "Can I return shoes within 30 days in madrid?" in turned
    assert all(meaning(pair.one, pair.language) != meaning(pair.other, pair.language) for pair in found)


@given(st.text(max_size=80), st.sampled_from(["en", "de", "es", "fr"]))
def test_any_text_has_a_line_and_width_of_blanks_and_a_question_mark_are_nothing(text: str, language: str) -> None:
    line = meaning(text, language)
    assert meaning(f" {text}  ?", language) == line or text.rstrip().endswith((",", ";", ":", "-", "'"))


@given(st.sampled_from(["shoes", "30", "Berlin", "not", "off", "after", "%", "AX-200"]), st.integers(0, 4))
def test_a_word_more_is_another_line(word: str, at: int) -> None:
    words = ["can", "I", "return", "boots", "today"]
    assert meaning(" ".join(words)) != meaning(" ".join([*words[:at], word, *words[at:]]))
