"""Two traces are identical to the byte in what the person got, or every difference is named."""

from __future__ import annotations

from typing import Any

import pytest

from answerable.evals.diagnosis.comparison import COMPARED, compare, word_difference


def a_passage(uri: str, chunk: str) -> dict[str, Any]:
    return {"uri": uri, "chunk": chunk, "headings": ["Title", "Part"], "title": "Title"}


def a_trace(*passages: dict[str, Any], **answer: Any) -> dict[str, Any]:
    plain = {
        "id": "an_1",
        "outcome": "answered",
        "language": "en",
        "text": "Within 30 days [1].",
        "claims": [{"span": [0, 19], "kind": "fact"}],
        "sources": [{"n": 1, "quote": "within 30 days"}],
        "confidence": {"level": "high", "why": ["quoted"]},
        "next_steps": [],
    }
    steps = [{"name": "retrieve", "detail": {}}, {"name": "answerable", "detail": {"passages": list(passages)}}]
    return {"steps": steps, "answer": plain | answer}


def test_ids_times_and_the_order_of_keys_do_not_count() -> None:
    one, other = a_trace(), a_trace(id="an_2", timing_ms={"total": 3})
    other["answer"] = dict(reversed(other["answer"].items()))
    assert compare(one, other).identical


@pytest.mark.parametrize("name", COMPARED)
def test_each_compared_field_makes_a_difference(name: str) -> None:
    changed = compare(a_trace(), a_trace(**{name: "other"}))
    assert (changed.identical, changed.different) == (False, (name,))


def test_the_words_that_went_and_came_are_marked() -> None:
    assert word_difference("Within 30 days of it.", "Only within 14 days of it.") == (
        "[-Within 30-] {+Only within 14+} days of it."
    )
    assert word_difference("the same", "the same") == "the same"


def test_passages_are_told_apart_by_place_and_text() -> None:
    then = a_trace(a_passage("a.md", "ch_1"), a_passage("b.md", "ch_2"), a_passage("c.md", "ch_3"))
    now = a_trace(a_passage("a.md", "ch_1b"), a_passage("b.md", "ch_2"), a_passage("d.md", "ch_4"))
    changes = [(one.uri, one.section, one.change) for one in compare(then, now).passages]
    assert changes == [
        ("a.md", "Part", "other text"),
        ("c.md", "Part", "only then"),
        ("d.md", "Part", "only now"),
    ]


def test_another_order_of_the_same_passages_is_no_other_index() -> None:
    one, two = a_passage("a.md", "ch_1"), a_passage("b.md", "ch_2")
    change = compare(a_trace(one, two), a_trace(two, one))
    assert (change.reordered, change.passages) == (True, ())
