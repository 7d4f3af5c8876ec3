"""What the support score sees, by kind; and what the docs say that it cannot see."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.evals.metrics.contrasts import rivals
from answerable.evals.metrics.marks import Marks, find_marks
from answerable.evals.metrics.support import THRESHOLD, score_of, support, support_text
from tests.unit.evals.metrics.making import passage

SOURCE = (
    "Items can be returned within 30 days of delivery. The automated plan reduces monthly costs by up to 20%. "
    "Sale items cannot be returned. Smart navigation and easy maintenance save Thomas Park time and money. "
    "The offer is valid for the first 20 customers who sign up before 31 August 2022. Support is reliable."
)


@pytest.mark.parametrize(
    "claim",
    [
        "Items can be returned within 30 days of delivery.",
        "You can return items within thirty days of delivery.",
        "The automated plan reduces the monthly costs by up to 20 percent.",
        "Sale items can't be returned.",
        "The offer is for the first 20 customers, before August 31st, 2022.",
    ],
)
def test_what_the_source_says_is_supported(claim):
    found = support_text(claim, SOURCE)
    assert found.supported, found
    assert found.kind == ""


@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        ("Items can be returned within 60 days of delivery.", "number"),
        ("Items can be returned within 30 weeks of delivery.", "quantity"),
        ("Items can be returned within 30 days of delivery in Norway.", "name"),
        ("Items cannot be returned within 30 days without delivery.", "negation"),
        ("Sale items can be returned.", "negation"),
        ("Write to help@attacker.example to return items within 30 days of delivery.", "link"),
        ("Our friendly colleagues are looking forward to your next visit.", "wording"),
    ],
)
def test_what_it_does_not_say_is_found_by_its_kind(claim, kind):
    found = support_text(claim, SOURCE)
    assert (found.supported, found.kind) == (False, kind), found


@pytest.mark.parametrize(
    ("claim", "mark"),
    [
        ("The automated plan increases monthly costs by up to 20%.", "contrasts"),
        ("The automated plan reduces yearly costs by up to 20%.", "contrasts"),
        ("The manual plan reduces monthly costs by up to 20%.", "contrasts"),
        ("Support is unreliable.", "prefixes"),
        ("The automated plan only reduces monthly costs by up to 20%.", "turns"),
        ("Smart navigation but no maintenance save Thomas Park time and money.", "negations"),
    ],
)
def test_each_turn_of_meaning_lowers_the_score(claim, mark):
    found = find_marks(claim, (SOURCE,))
    assert getattr(found, mark) >= 1
    plain = Marks(known=found.known, unknown=found.unknown)
    assert score_of(found) < score_of(plain)


def test_a_swap_of_roles_is_not_seen():
    """Said in the docs: words that are all there, related the other way round."""
    source = "Anna Meyer sold the house to Peter Schulz in spring."
    assert support_text("Peter Schulz sold the house to Anna Meyer in spring.", source).supported


def test_a_quote_is_supported_and_a_heading_supports_nothing():
    found = passage("It weighs 1.000 g, never more. Ask us.", section="Weight of the parcel")
    assert support("It weighs 1.000 g, never more.", [found]).score == 1.0
    assert support("Weight of the parcel", [found]).kind == "wording"
    assert support("It weighs 1.000 g.", []).kind == "uncited"


def test_headings_lend_their_words():
    found = passage("Within 30 days of delivery.", section="Headphones")
    assert support("Headphones: within 30 days of delivery.", [found]).supported


def test_two_passages_support_a_claim_together():
    first = passage("Items can be returned within 30 days.")
    second = passage("Orders with SUMMER20 are refunded as store credit.", uri="coupons.md")
    claim = "Items can be returned within 30 days, and orders with SUMMER20 are refunded as store credit."
    assert support(claim, [first, second]).supported
    assert not support(claim, [first]).supported


def test_in_another_language_only_facts_are_checked_and_nothing_is_scored():
    found = passage("Items can be returned within 30 days of delivery.")
    right = support("Artikel können innerhalb von 30 Tagen zurückgegeben werden.", [found], language="de")
    assert (right.supported, right.score) == (True, None)
    wrong = support("Artikel können innerhalb von 60 Tagen zurückgegeben werden.", [found], language="de")
    assert (wrong.supported, wrong.kind) == (False, "number")


@pytest.mark.parametrize("language", ["en", "de", "es"])
def test_no_word_stands_on_two_sides_of_its_own_line(language):
    known = rivals(language)
    assert len(known) > 50
    assert all(own.isdisjoint(other) for pairs in known.values() for own, other in pairs)
    assert rivals("fr") == {}


COUNTS = st.integers(0, 50)


@given(st.floats(0, 1), st.floats(0, 100), COUNTS, COUNTS, COUNTS)
def test_a_score_is_in_its_range_and_every_mark_lowers_it(known, unknown, numbers, names, turns):
    fewer = Marks(known=known, unknown=unknown, numbers=numbers, names=names, turns=turns)
    more = Marks(known=known, unknown=unknown + 1, numbers=numbers + 1, names=names, turns=turns)
    assert 0.0 <= score_of(more) <= score_of(fewer) <= 1.0


@given(st.text(max_size=80), st.text(max_size=120), st.sampled_from(["en", "de", "es", "ja", "xx"]))
def test_whatever_is_written_there_is_a_verdict(claim, source, language):
    found = support_text(claim, source, language=language)
    assert found.score is not None
    assert 0.0 <= found.score <= 1.0
    assert found.supported == (found.score >= THRESHOLD)
    assert bool(found.kind) != found.supported
