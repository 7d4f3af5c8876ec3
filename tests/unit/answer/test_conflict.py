"""Two pages that disagree, and pages that only seem to."""

from datetime import date

from answerable.answer.conflict import find_conflict, quantities
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
    assert (found.first.block.passage.uri, found.unit) == ("policies/returns.md", "day")


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


def test_quantities_are_read_with_their_units():
    assert quantities("30 days, 2 Wochen and €4.90 or 15 %") == {
        "day": frozenset({"30"}),
        "week": frozenset({"2"}),
        "euro": frozenset({"4.9"}),
        "percent": frozenset({"15"}),
    }
    assert quantities("within 14 business days") == {"day": frozenset({"14"})}
