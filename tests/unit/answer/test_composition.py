"""Citing and verifying an answer while it grows."""

import random
import re
import string
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from answerable.answer.composition import Composition, Shown, marked
from answerable.answer.draft import DraftSentence, read_draft
from answerable.core.answer import Withheld
from tests.unit.answer.making import make_blocks, make_passage

FIRST = make_passage("Items can be returned within 30 days of delivery. Sale items cannot be returned.")
SECOND = make_passage(
    "Orders with SUMMER20 are refunded as store credit.", uri="policies/coupons.md", title="Coupons"
)


def composition() -> Composition:
    return Composition(blocks=make_blocks(FIRST, SECOND), language="en", today=date(2026, 11, 22))


def test_numbers_are_given_in_order_of_first_use():
    one = composition()
    one.add(DraftSentence(text="Orders with SUMMER20 are refunded as store credit.", cited=(2,)))
    one.add(DraftSentence(text="Items can be returned within 30 days of delivery.", cited=(1,)))
    assert one.text == (
        "Orders with SUMMER20 are refunded as store credit [1]. "
        "Items can be returned within 30 days of delivery [2]."
    )
    assert [citation.uri for citation in one.citations] == ["policies/coupons.md", "policies/returns.md"]


def test_a_citation_points_at_the_exact_span():
    one = composition()
    one.add(DraftSentence(text="You can return items within 30 days of delivery.", cited=(1,)))
    (citation,) = one.citations
    assert citation.quote == "Items can be returned within 30 days of delivery."
    text, offset = FIRST.chunk.text, FIRST.chunk.start
    assert text[citation.start - offset : citation.end - offset] == citation.quote


def test_claims_point_at_their_sentences():
    one = composition()
    one.add(DraftSentence(text="Sale items cannot be returned.", cited=(1,)))
    one.add(DraftSentence(text="Orders with SUMMER20 are refunded as store credit.", cited=(2,), bullet=True))
    spans = [one.text[claim.start : claim.end] for claim in one.claims]
    assert spans == [
        "Sale items cannot be returned [1].",
        "- Orders with SUMMER20 are refunded as store credit [2].",
    ]


def test_an_unsupported_sentence_is_withheld_with_its_reason():
    one = composition()
    kept = one.add(DraftSentence(text="Items can be returned within 90 days of delivery.", cited=(1,)))
    assert isinstance(kept, Withheld)
    assert (kept.reason, one.text, one.claims, one.citations) == ("number", "", [], [])


def test_a_number_that_names_nothing_is_dropped():
    one = composition()
    shown = one.add(DraftSentence(text="Sale items cannot be returned.", cited=(7, 1)))
    assert isinstance(shown, Shown)
    assert "[7]" not in one.text
    assert isinstance(one.add(DraftSentence(text="Sale items cannot be returned.", cited=(7,))), Withheld)


def test_too_many_citations_are_cut_to_those_that_carry():
    one = Composition(
        blocks=make_blocks(SECOND, SECOND, FIRST), language="en", today=date(2026, 11, 22), per_sentence=1
    )
    one.add(DraftSentence(text="Sale items cannot be returned.", cited=(1, 2, 3)))
    assert [citation.uri for citation in one.citations] == ["policies/returns.md"]


def test_what_is_undone_is_as_if_it_had_never_been():
    one = composition()
    one.add(DraftSentence(text="Sale items cannot be returned.", cited=(1,)))
    before = (one.text, list(one.claims), list(one.citations))
    shown = one.add(DraftSentence(text="Orders with SUMMER20 are refunded as store credit.", cited=(2,)))
    one.undo(shown, "guard:leak")
    assert (one.text, one.claims, one.citations) == before
    assert one.withheld[-1].reason == "guard:leak"


def test_amending_keeps_spans_right():
    one = composition()
    one.add(DraftSentence(text="Sale items cannot be returned.", cited=(1,)))
    shown = one.add(DraftSentence(text="Orders with SUMMER20 are refunded as store credit.", cited=(2,)))
    amended = one.amend(shown, " Orders with <CODE> are refunded [2].")
    claim = one.claims[-1]
    assert one.text[claim.start : claim.end] == "Orders with <CODE> are refunded [2]."
    assert amended.claim == claim


def test_a_stale_source_is_marked():
    old = make_passage("Shipping has a surcharge of 5 euros.", review_by=date(2023, 8, 31))
    one = Composition(blocks=make_blocks(old), language="en", today=date(2026, 11, 22))
    one.add(DraftSentence(text="Shipping has a surcharge of 5 euros.", cited=(1,)))
    assert one.citations[0].stale


def test_marks_stand_before_the_closing_punctuation():
    assert marked("Is it so?", (1,)) == "Is it so [1]?"
    assert marked("It is", (1, 3)) == "It is [1][3]."
    assert marked("It is.", ()) == "It is."


def _fuzzed(rng: random.Random) -> str:
    """A model's output gone wrong in every way a citation can: unknown numbers, odd brackets, links, cut ends."""
    words = (
        FIRST.chunk.text.split()
        + SECOND.chunk.text.split()
        + ["https://x.example/a", "[12]", "【3†x】", "[", "]", "[1", "2]"]
    )
    pieces = []
    for _ in range(rng.randint(1, 25)):
        kind = rng.random()
        if kind < 0.5:
            pieces.append(" ".join(rng.choices(words, k=rng.randint(1, 8))))
        elif kind < 0.65:
            sentence = rng.choice((FIRST, SECOND)).chunk.text.split(". ")[0]
            pieces.append(f"{sentence} [{rng.randint(1, 2)}]")
        elif kind < 0.75:
            pieces.append("[" + ",".join(str(rng.randint(-3, 120)) for _ in range(rng.randint(1, 4))) + "]")
        elif kind < 0.85:
            pieces.append(rng.choice([FIRST, SECOND]).chunk.text)
        else:
            pieces.append("".join(rng.choices(string.printable, k=rng.randint(1, 12))))
        pieces.append(rng.choice([" ", ". ", "\n", "\n- ", "! ", ""]))
    return "".join(pieces)


def test_ten_thousand_fuzzed_outputs_render_no_citation_that_does_not_resolve():
    rng, rendered = random.Random(7), 0
    for _ in range(10_000):
        one = composition()
        for sentence in read_draft(_fuzzed(rng)):
            one.add(sentence)
        known = {citation.n for citation in one.citations}
        assert known == set(range(1, len(known) + 1))
        for claim in one.claims:
            assert claim.citations and set(claim.citations) <= known
            rendered += len(claim.citations)
        assert {int(n) for n in re.findall(r"\[\s*(\d+)\s*\]", one.text)} <= known
        assert "http" not in one.text or "http" in FIRST.chunk.text
        for citation in one.citations:
            passage = FIRST if citation.document_id == FIRST.chunk.document_id else SECOND
            begin = citation.start - passage.chunk.start
            assert passage.chunk.text[begin : begin + len(citation.quote)] == citation.quote
    assert rendered > 1000  # the fuzz does get answers through


@given(st.text(max_size=200))
def test_no_text_breaks_it(text):
    one = composition()
    for sentence in read_draft(text):
        one.add(sentence)
    assert all(one.text[claim.start : claim.end] for claim in one.claims)
