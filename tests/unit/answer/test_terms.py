"""Typos and compounds of a question, settled against what was found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.answer.terms import edits, nearest, settle_terms
from tests.unit.answer.making import make_passage


@pytest.mark.parametrize(
    ("first", "second", "distance"),
    [("", "", 0), ("return", "return", 0), ("retrun", "return", 1), ("retur", "return", 1), ("abc", "xyz", 3)],
)
def test_edits_are_counted(first, second, distance):
    assert edits(first, second, most=5) == distance


@given(st.text("abcd", max_size=8), st.text("abcd", max_size=8))
def test_edits_go_both_ways(first, second):
    assert edits(first, second, most=9) == edits(second, first, most=9)
    assert (edits(first, second, most=9) == 0) == (first == second)


def test_a_code_is_only_near_a_code_with_the_same_digits():
    assert nearest("sumer20", {"summer20", "summer25"}) == "summer20"
    assert nearest("e-217", {"e-218"}) is None


def test_a_typo_gives_way_and_what_is_missing_stays():
    passage = make_passage("Headphones can be returned.")
    settled = settle_terms({"headphn": 3.0, "brazil": 5.0, "return": 1.0}, [passage])
    assert settled == {"headphon": pytest.approx(2.4), "brazil": 5.0, "return": 1.0}


def test_an_unknown_compound_gives_way_to_its_parts():
    passage = make_passage("The item is on sale.")
    assert settle_terms({"sale-item": 9.0, "sale": 2.0, "item": 2.0}, [passage]) == {"sale": 2.0, "item": 2.0}
