"""A case made from a trace holds what was asked and expects what a person says, or anything but this answer."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from answerable.core.errors import ConfigError
from answerable.core.identity import sha256_hex
from answerable.core.outcome import Outcome
from answerable.core.query import Turn
from answerable.evals.cases.files import load_cases
from answerable.evals.cases.schema import check_case
from answerable.evals.cases.writing import fresh
from answerable.evals.diagnosis.freezing import (
    UNCONFIRMED,
    Wanted,
    case_of,
    context_name,
    context_text,
    documents_of,
)

TODAY = date(2026, 11, 22)
TEXT = "- Most items can be returned within 60 days [1][2].\n- Write to ann@example.org [2]."


def mask(text: str) -> str:
    return text.replace("ann@example.org", "[EMAIL_1]")


def a_trace(**changes: Any) -> dict[str, Any]:
    second = TEXT.index("- Write")
    claims = [
        {"span": [0, second - 1], "kind": "fact"},
        {"span": [second, len(TEXT)], "kind": "fact"},
    ]
    return {
        "id": "tr_7QK2ABCD",
        "started_at": "2026-11-20T10:00:00+00:00",
        "outcome": "answered",
        "language": "en",
        "question": "I am ann@example.org: how long can I return it?",
        "asked": {
            "language": "en",
            "groups": ["public", "staff"],
            "filter": {
                "status": ["published"],
                "sources": [],
                "languages": ["en"],
                "documents": [],
                "meta": {"region": "eu"},
            },
            "history": [{"role": "user", "text": "Hello, ann@example.org here."}],
        },
        "answer": {"text": TEXT, "claims": claims},
        "setup": {"code": "0.1.0", "prompt": "answer@1", "embedding": "e", "route": ["extractive"]},
        "steps": [{"name": "answerable", "detail": {"passages": [{"chunk": "ch_1", "text": "Sixty."}]}}],
    } | changes


def test_question_history_and_answer_lose_their_personal_data() -> None:
    case = case_of(a_trace(), Wanted(), mask=mask, today=TODAY)
    assert "ann@example.org" not in fresh(case)
    assert case.question == "I am [EMAIL_1]: how long can I return it?"
    assert case.history == (Turn(role="user", text="Hello, [EMAIL_1] here."),)


def test_it_is_asked_by_the_same_groups_under_the_same_filters() -> None:
    case = case_of(a_trace(), Wanted(), mask=mask, today=TODAY)
    assert case.groups == ("staff",)
    assert dict(case.filters) == {"status": ("published",), "language": ("en",), "region": ("eu",)}


def test_without_a_word_of_what_is_right_the_sentences_are_forbidden_and_nobody_confirms_it() -> None:
    case = case_of(a_trace(), Wanted(), mask=mask, today=TODAY)
    assert case.expect.must_not == ("Most items can be returned within 60 days", "Write to [EMAIL_1]")
    assert (case.confirmed, UNCONFIRMED in case.tags) == (None, True)


def test_where_there_was_no_answer_one_is_expected() -> None:
    trace = a_trace(outcome="abstained", answer={"text": "I don't know.", "claims": []})
    case = case_of(trace, Wanted(), mask=mask, today=TODAY)
    assert (case.expect.outcome, case.confirmed) == (Outcome.ANSWERED, None)


def test_what_a_person_says_is_expected_and_confirmed_today() -> None:
    wanted = Wanted(must=("30 days",), cites=("returns.md",), why="It said 60.", reviewer="eve")
    case = case_of(a_trace(), wanted, mask=mask, today=TODAY)
    assert (case.expect.must, case.expect.must_not, case.expect.cites) == (("30 days",), (), ("returns.md",))
    assert (case.confirmed, case.why, case.origin["reviewer"]) == (TODAY, "It said 60.", "eve")
    assert UNCONFIRMED not in case.tags


def test_the_same_trace_gives_the_same_valid_file(tmp_path) -> None:
    case = case_of(a_trace(), Wanted(), mask=mask, today=TODAY)
    again = case_of(a_trace(), Wanted(), mask=mask, today=TODAY)
    assert check_case(case) == case == again
    (tmp_path / f"{case.id}.yaml").write_text(fresh(case))
    (tmp_path / context_name(case.id)).write_text(context_text(a_trace()))
    assert load_cases([tmp_path]) == [case]  # the context beside it is no case


def test_two_traces_of_one_question_are_two_cases() -> None:
    one = case_of(a_trace(), Wanted(), mask=mask, today=TODAY)
    other = case_of(a_trace(id="tr_OTHER9"), Wanted(), mask=mask, today=TODAY)
    assert one.id != other.id


def test_the_context_holds_chunk_ids_and_text() -> None:
    held = json.loads(context_text(a_trace()))
    assert (held["trace"], held["passages"]) == ("tr_7QK2ABCD", [{"chunk": "ch_1", "text": "Sixty."}])


def of_two_pages() -> dict[str, Any]:
    """The first sentence rests on a page for all and one for staff, the second on the one for all."""
    trace = a_trace()
    first, second = trace["answer"]["claims"]
    trace["answer"]["claims"] = [first | {"citations": [1, 2]}, second | {"citations": [2]}]
    trace["answer"]["sources"] = [{"n": 1, "document": "doc_staff"}, {"n": 2, "document": "doc_all"}]
    rows = [
        {"chunk": "ch_1", "document": "doc_staff", "offsets": [0, 6], "text": "Sixty.", "uri": "a", "title": "t"},
        {"chunk": "ch_2", "document": "doc_all", "offsets": [0, 5], "text": "Mail."},
    ]
    trace["steps"] = [{"name": "answerable", "detail": {"passages": rows}}]
    return trace


def test_no_word_of_a_page_for_some_is_written_where_all_can_read() -> None:
    trace = of_two_pages()
    assert documents_of(trace) == {"doc_staff", "doc_all"}
    case = case_of(trace, Wanted(), mask=mask, today=TODAY, withheld={"doc_staff"})
    held = json.loads(context_text(trace, withheld={"doc_staff"}))["passages"]
    assert held[0] == {
        "chunk": "ch_1",
        "document": "doc_staff",
        "offsets": [0, 6],
        "text_sha256": sha256_hex("Sixty."),
    }
    assert held[1]["text"] == "Mail."
    assert case.expect.must_not == ("Write to [EMAIL_1]",)
    assert "60 days" not in fresh(case)
    assert case.origin["answer_sha256"] == sha256_hex(TEXT)


def test_where_nothing_may_be_told_a_person_has_to_say_what_is_right() -> None:
    with pytest.raises(ConfigError, match="not everybody may read"):
        case_of(of_two_pages(), Wanted(), mask=mask, today=TODAY, withheld={"doc_staff", "doc_all"})


def test_blanks_without_end_are_read_in_no_time() -> None:
    text = "x" + " " * 100_000 + "y"
    claims = [{"span": [0, len(text)], "kind": "fact"}]
    case = case_of(a_trace(answer={"text": text, "claims": claims}), Wanted(), mask=mask, today=TODAY)
    assert case.expect.must_not == (text,)
