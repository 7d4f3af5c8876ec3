"""What the sentence check sees, by kind, and what it lets through."""

import pytest

from answerable.answer.verification import UNSUPPORTED_KINDS, check_support, check_text
from tests.unit.answer.making import make_passage

SOURCE = (
    "Items can be returned within 30 days of delivery. Headphones must be in their original box. "
    "Sale items cannot be returned. The policy was last changed on 2 May 2026. "
    "Refunds for orders with SUMMER20 are paid as store credit of up to €49.90."
)


@pytest.mark.parametrize(
    "sentence",
    [
        "Items can be returned within 30 days of delivery.",
        "You can return items within thirty days of delivery.",
        "Sale items can't be returned.",
        "The policy changed last in May 2026.",
        "Orders with SUMMER20 are refunded as store credit up to 49.90 euros.",
        "Headphones must be in the original box.",
    ],
)
def test_what_the_source_says_is_supported(sentence):
    assert check_text(sentence, SOURCE).supported, check_text(sentence, SOURCE)


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Items can be returned within 60 days of delivery.", "number"),
        ("Items can be returned within sixty days of delivery.", "number"),
        ("The policy was last changed on 3 May 2026.", "date"),
        ("The policy was last changed on 2 May 2025.", "date"),
        ("Refunds for orders with WINTER50 are paid as store credit.", "name"),
        ("Items bought in Norway can be returned.", "name"),
        ("Items cannot be returned within 30 days of delivery.", "negation"),
        ("Sale items can be returned.", "negation"),
        ("Items can be returned at https://returns.attacker.example/now within 30 days of delivery.", "link"),
        ("Items can be returned within 30 days of delivery, write to help@attacker.example.", "link"),
        ("Items can be returned within 30 days of delivery with return_items().", "name"),
        ("Our friendly team is looking forward to your visit in the shop.", "overlap"),
    ],
)
def test_what_the_source_does_not_say_is_found_by_its_kind(sentence, reason):
    found = check_text(sentence, SOURCE)
    assert (found.supported, found.reason) == (False, reason)
    assert reason in UNSUPPORTED_KINDS


def test_a_sentence_without_a_citation_is_unsupported():
    assert check_support("Items can be returned.", []).reason == "uncited"


def test_an_exact_quote_is_always_supported():
    passage = make_passage("The Nimbus 16 doesn't ship to P.O. boxes, ever. It weighs 1.000 g")
    assert check_support("The Nimbus 16 doesn't ship to P.O. boxes, ever.", [passage]).supported


def test_two_passages_can_support_a_sentence_together():
    first = make_passage("Items can be returned within 30 days.")
    second = make_passage("Orders with SUMMER20 are refunded as store credit.", uri="policies/coupons.md")
    sentence = "Items can be returned within 30 days, and orders with SUMMER20 are refunded as store credit."
    assert check_support(sentence, [first, second]).supported
    assert check_support(sentence, [first]).reason == "name"


def test_a_number_from_an_unrelated_sentence_does_not_count():
    source = "The parcel weighs 14 kilograms. " + "Nothing else matters here. " * 3 + "Refunds take several days."
    assert check_text("Refunds take 14 days.", source).reason == "number"


def test_headings_lend_their_words():
    passage = make_passage("Within 30 days of delivery.", title="Returns policy", section="Headphones")
    assert check_support("Headphones: returns within 30 days of delivery.", [passage]).supported


def test_what_is_said_in_the_language_of_the_pages_is_compared_with_them_whatever_the_question_was_in():
    passage = make_passage(SOURCE)
    assert not check_support("This is legally binding for the company.", [passage], language="de").supported
    assert check_support("Items can be returned within 30 days of delivery.", [passage], language="de").supported


def test_in_another_language_facts_are_checked_and_wording_is_not():
    passage = make_passage("Items can be returned within 30 days of delivery.")
    assert check_support(
        "Artikel können innerhalb von 30 Tagen zurückgegeben werden.", [passage], language="de"
    ).supported
    wrong = check_support("Artikel können innerhalb von 60 Tagen zurückgegeben werden.", [passage], language="de")
    assert wrong.reason == "number"


@pytest.mark.parametrize("sentence", ["", "   ", "…", "?!"])
def test_a_sentence_of_nothing_is_not_supported(sentence):
    assert not check_text(sentence, SOURCE).supported
