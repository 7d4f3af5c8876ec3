"""Questions that ask for several things are taken apart, the others are not."""
# ruff: noqa: E501 - a question a line

import pytest

from answerable.answer.decomposition import MOST, decompose


def texts(question, language="en"):
    return [part.text for part in decompose(question, language=language)]


@pytest.mark.parametrize(
    ("language", "question", "parts"),
    [
        ("en", "Can I return item A if I bought it with coupon B?", ["Can I return item A", "bought it with coupon B"]),
        (
            "en",
            "Can I return over-ear headphones bought with SUMMER20, and how do I get my money back?",
            ["Can I return over-ear headphones", "bought with SUMMER20", "how do I get my money back"],
        ),
        ("en", "What is the difference between the EU warranty and the US warranty?", ["the EU warranty", "the US warranty"]),
        ("en", "If I paid by gift card, how is my refund made?", ["If I paid by gift card", "how is my refund made"]),
        (
            "en",
            "What does payment code P-65 mean? Into how many invoices can one order be split?",
            ["What does payment code P-65 mean", "Into how many invoices can one order be split"],
        ),
        (
            "de",
            "Kann ich Kopfhörer zurückgeben, die ich mit SUMMER20 gekauft habe?",
            ["Kann ich Kopfhörer zurückgeben", "die ich mit SUMMER20 gekauft habe"],
        ),
        (
            "de",
            "Was ist der Unterschied zwischen der Garantie und TechCare?",
            ["der Garantie", "TechCare"],
        ),
        (
            "es",
            "¿Puedo devolver unos auriculares que compré con SUMMER20?",
            ["Puedo devolver unos auriculares", "que compré con SUMMER20"],
        ),
        ("es", "¿Qué diferencia hay entre la garantía y TechCare?", ["la garantía", "TechCare"]),
    ],
)  # fmt: skip
def test_each_thing_asked_for_is_a_part(language, question, parts):
    assert texts(question, language) == parts


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "How long can I return headphones?"),
        ("en", "What are the terms and conditions of the trade-in?"),
        ("en", "E217"),
        ("en", ""),
        ("en", "Thanks! How long is the warranty on laptops?"),
        ("de", "Wie lange kann ich Kopfhörer zurückgeben?"),
        ("es", "¿Cuánto cuesta el envío a Canarias?"),
    ],
)
def test_a_question_for_one_thing_stays_whole(language, question):
    assert texts(question, language) == []


def test_a_part_that_points_back_is_given_what_it_points_at():
    found = texts("How many external displays does the Nimbus 14 support, and can I upgrade its memory?")
    assert found[1].startswith("can I upgrade its memory (")
    assert "Nimbus 14" in found[1]


def test_a_list_of_questions_has_no_more_parts_than_can_be_searched():
    asked = " ".join(f"What does the error code E-{n} on device {n} mean?" for n in range(100, 110))
    assert len(texts(asked)) == MOST
