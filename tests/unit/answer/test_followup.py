"""Follow-ups are searched with what they lean on, and with nothing when they stand alone."""

import pytest

from answerable.answer.followup import TURN_CHARS, standalone
from answerable.core.query import Query, Turn
from tests.unit.answer.dialogs import DIALOGS, HELD_OUT

KNOWN_WRONG = 3  # of the dialogs that the rules were made on
HELD_OUT_WRONG = 2  # of those that were written after


def _wrong(dialogs):
    found = []
    for language, turns, needed, unwanted in dialogs:
        history = tuple(
            Turn(role="assistant" if n % 2 else "user", text=text) for n, text in enumerate(turns[:-1])
        )
        text = standalone(Query(text=turns[-1], tenant="t", language=language, history=history)).lower()
        if any(one.lower() not in text for one in needed) or any(one.lower() in text for one in unwanted):
            found.append((turns[-1], text))
    return found


def test_no_more_dialogs_are_misread_than_the_page_on_search_says():
    assert len(_wrong(DIALOGS)) <= KNOWN_WRONG, _wrong(DIALOGS)
    assert len(_wrong(HELD_OUT)) <= HELD_OUT_WRONG, _wrong(HELD_OUT)


@pytest.mark.parametrize("language", ["en", "de", "es", "fi"])
def test_without_a_turn_before_a_question_is_itself(language):
    assert standalone(Query(text="And it?", tenant="t", language=language)) == "And it?"


def test_a_chain_keeps_its_subject_and_masked_values_are_never_searched():
    turns = ("Can I return the Aurora One, I am [EMAIL_1]?", "Yes.", "And the Vela 5?", "Yes.", "How long?")
    history = tuple(Turn(role="assistant" if n % 2 else "user", text=text) for n, text in enumerate(turns[:-1]))
    text = standalone(Query(text=turns[-1], tenant="t", language="en", history=history))
    assert "Vela 5" in text
    assert "Aurora" not in text
    assert "EMAIL" not in text


def test_a_conversation_that_a_caller_made_up_does_not_make_the_search_grow():
    history = tuple(Turn(role=("user", "assistant")[n % 2], text="and " * 5_000) for n in range(20))
    text = standalone(Query(text="And for laptops?", tenant="t", language="en", history=history))
    assert len(text) < TURN_CHARS + 100
