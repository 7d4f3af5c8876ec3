"""Two pages that disagree, and pages that only seem to."""

from datetime import date

import pytest

from answerable.answer.conflict import find_conflict
from answerable.text.quantities import agree, quantities
from answerable.text.stems import stems
from tests.unit.answer.making import make_blocks, make_passage

POLICY = make_passage("Items can be returned within 30 days of delivery.", updated=date(2026, 5, 2))
FAQ = make_passage(
    "Items can be returned within 60 days of delivery.",
    uri="faq/returns-faq.md",
    title="Returns FAQ",
    updated=date(2024, 11, 18),
)


def clash(question, *passages):
    return find_conflict(make_blocks(*passages), dict.fromkeys(stems(question), 1.0))


def test_another_amount_of_the_same_thing_is_a_conflict_newer_first():
    found = clash("Within how many days can items be returned?", FAQ, POLICY)
    assert found is not None
    assert (found.first.block.passage.uri, found.kind) == ("policies/returns.md", "amount")


def test_one_page_cannot_disagree_with_itself():
    same = make_passage("Items can be returned within 30 days. Items can be returned within 60 days of delivery.")
    assert clash("Within how many days can items be returned?", same) is None


def test_agreement_is_no_conflict():
    again = make_passage("Items can be returned within thirty, that is 30 days.", uri="faq/b.md")
    assert clash("Within how many days can items be returned?", POLICY, again) is None


def test_another_subject_is_no_conflict():
    repair = make_passage("Repairs are finished within 10 days.", uri="repair.md", title="Repair", section="Time")
    assert clash("Within how many days can items be returned?", POLICY, repair) is None


def test_another_named_thing_is_no_conflict():
    germany = make_passage(
        "Parcels to Germany arrive within 3 days.", uri="de.md", title="Shipping", section="Times"
    )
    spain = make_passage("Parcels to Spain arrive within 5 days.", uri="es.md", title="Shipping", section="Times")
    assert clash("Within how many days do parcels arrive?", germany, spain) is None


def test_what_the_question_is_not_about_is_left_alone():
    assert clash("Which colors do headphones come in?", FAQ, POLICY) is None


def test_where_a_page_speaks_of_the_very_thing_the_clash_of_others_is_not_the_answer():
    special = make_passage("Refurbished items can be returned within 14 days.", uri="outlet.md")
    weights = {"return": 1.0, "item": 1.0, "refurbish": 1.5}
    assert find_conflict(make_blocks(POLICY, FAQ), weights) is not None
    assert find_conflict(make_blocks(POLICY, FAQ, special), weights) is None


def test_quantities_are_read_with_their_units():
    assert quantities("30 days, 2 Wochen and €4.90 or 15 %") == {
        "days": frozenset({30.0, 14.0}),
        "euro": frozenset({4.9}),
        "percent": frozenset({15.0}),
    }
    assert quantities("within 14 business days") == {"days": frozenset({14.0})}


def test_twelve_months_are_a_year():
    (months,), (year,) = quantities("12 months").values(), quantities("one year").values()
    assert agree(months, year)
    assert not agree(months, frozenset({3 * 365.25}))


def test_a_turned_statement_is_a_conflict():
    yes = make_passage("A fuel surcharge is added to every parcel.", uri="old.md", updated=date(2023, 1, 1))
    no = make_passage("No fuel surcharge is added to parcels.", uri="new.md")
    found = clash("Is there a fuel surcharge on parcels?", yes, no)
    assert found is not None
    assert (found.kind, found.first.block.passage.uri) == ("negation", "new.md")


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (("a.md", "Lamp Alma", "The lamp lasts 3 years."), ("b.md", "Lamp Bruno", "The lamp lasts 5 years.")),
        (("a.md", "Boilers", "Gas boilers last 12 years."), ("b.md", "Boilers", "Oil boilers last 24 years.")),
        (
            ("a.md", "Q1 2025", "The backlog of tickets is 12 days."),
            ("b.md", "Q2 2025", "The backlog of tickets is 19 days."),
        ),
        (
            ("a.md", "Rates 2025", "The toll is $4 on the bridge."),
            ("b.md", "Rates 2026", "The toll is $5 on the bridge."),
        ),
        (
            ("a.md", "Toll", "Cars pay a toll of $4."),
            ("b.md", "Elsewhere", "At competitors cars pay a toll of $9."),
        ),
        (("a.md", "Approval", "Approval takes 10 business days."), ("b.md", "Forms", "Approval takes two weeks.")),
    ],
)
def test_what_holds_for_something_else_or_agrees_is_no_conflict(mine, theirs):
    one, other = (make_passage(text, uri=uri, title=title, section="") for uri, title, text in (mine, theirs))
    question = " ".join(word for word in mine[2].split() if not any(map(str.isdigit, word)))
    assert clash(question, one, other) is None
    same = make_passage(theirs[2].replace("Oil", "Gas"), uri="c.md", title=mine[1], section="")
    differs = mine[1] not in ("Toll", "Approval")
    assert (clash(question, one, same) is not None) == differs
