"""Answers and documents cut into plain runs: nothing is lost, nothing is marked that should not be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from answerable.core.address import source_address
from answerable.web.reading import (
    heading_levels,
    paragraphs,
    sentences,
    simpler,
    support_counts,
    valid_span,
)

TEXT = "# Title\n\nFirst 📦 part.\n\n## Sub\n\nSecond\nline."
PLAIN = "First 📦 part.\n\nSecond\nline.\n\nThird."


def record(text: str, *spans: tuple[int, int], numbers: tuple[int, ...] = ()) -> dict:
    claims = [{"span": list(span), "kind": "fact", "support": "supported"} for span in spans]
    return {"text": text, "claims": claims, "sources": [{"n": n} for n in numbers]}


def test_sentences_follow_the_claims_and_break_where_the_text_does() -> None:
    shown = sentences(record("One [1]. Two.\n\nThree.", (0, 8), (9, 13), (15, 21), numbers=(1,)))
    assert [one.nodes for one in shown] == [["One ", {"cite": 1}, "."], ["Two."], ["Three."]]
    assert [one.breaks for one in shown] == [False, False, True]


def test_a_text_without_claims_is_shown_whole_in_its_paragraphs() -> None:
    shown = sentences(record("Sorry.\n\nNothing found."))
    assert [one.nodes for one in shown] == [["Sorry."], ["Nothing found."]]
    assert {one.kind for one in shown} == {"note"}


@given(st.integers(0, len(PLAIN)), st.integers(0, len(PLAIN)))
def test_exactly_the_span_is_marked(one: int, other: int) -> None:
    span = valid_span(PLAIN, min(one, other), max(one, other))
    runs = [run for paragraph in paragraphs(PLAIN, span) for run in paragraph.runs]
    gaps = {place + more for place in range(len(PLAIN)) if PLAIN.startswith("\n\n", place) for more in (0, 1)}
    wanted = range(*span) if span else range(0)
    assert "".join(run.text for run in runs) == PLAIN.replace("\n\n", "")
    assert "".join(run.text for run in runs if run.marked) == "".join(PLAIN[i] for i in wanted if i not in gaps)


def test_a_span_across_paragraphs_is_marked_in_each() -> None:
    start, end = TEXT.index("part"), TEXT.index("Second") + len("Second")
    shown = paragraphs(TEXT, (start, end))
    assert [[run.text for run in one.runs if run.marked] for one in shown] == [[], ["part."], ["Sub"], ["Second"]]


def test_headings_know_their_level() -> None:
    assert [one.level for one in paragraphs(TEXT, None)] == [1, 0, 2, 0]
    assert paragraphs("#no heading\n\n####### seven", None)[0].level == 0


def test_headings_without_a_sign_are_known_from_the_chunks() -> None:
    levels = heading_levels([{"headings": ["Title", "Time limits"]}, {"headings": ["Title"]}, {"headings": []}])
    assert levels == {"Title": 1, "Time limits": 2}
    shown = paragraphs("Title\n\nTime limits\n\nTime limits are 30 days.", None, levels)
    assert [one.level for one in shown] == [1, 2, 0]


def test_a_span_outside_of_the_text_is_none() -> None:
    assert valid_span("abc", 1, 3) == (1, 3)
    assert [valid_span("abc", *span) for span in ((3, 3), (2, 1), (0, 4), (None, 1), (1, None))] == [None] * 5


def test_only_facts_are_counted_as_checked() -> None:
    claims = [
        {"kind": "fact", "support": "supported"},
        {"kind": "fact", "support": "unsupported"},
        {"kind": "limit", "support": "not_applicable"},
    ]
    assert support_counts(claims) == (1, 2)


def test_links_quote_what_a_document_is_called() -> None:
    assert source_address("a b/ü?.md", version=2, chunk="ch_1", start=0, end=5) == (
        "/sources/a%20b/%C3%BC%3F.md?v=2&c=ch_1&start=0&end=5"
    )
    assert source_address("doc_1") == "/sources/doc_1"


def test_cheaper_forms_are_said_once_each_and_not_as_codes() -> None:
    texts = {"degraded.no_rerank": "Simply ordered.", "degraded.no_token_codes": "Simply ordered."}
    assert simpler(["no_cache", "no_rerank", "no_token_codes"], texts) == ["Simply ordered."]
