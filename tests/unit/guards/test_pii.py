"""Personal data is found by form and check digit, masked consistently, and shown where a citation shows it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from answerable.core.answer import Citation
from answerable.core.outcome import Outcome
from answerable.core.query import Query
from answerable.guards import phones as phones_module
from answerable.guards.pii import PiiGuard, personal_data, redact
from answerable.testing.guard import answer_of, check

VALUES = [
    ("EMAIL", "ann.lee+shop@mail.example.org"),
    ("EMAIL", "jörg@müller-söhne.example"),
    ("IBAN", "DE89 3704 0044 0532 0130 00"),
    ("IBAN", "GB29NWBK60161331926819"),
    ("IBAN", "ES91 2100 0418 4502 0005 1332"),
    ("CARD", "4111 1111 1111 1111"),
    ("CARD", "5500-0000-0000-0004"),
    ("CARD", "340000000000009"),
    ("IP", "93.184.216.34"),
    ("IP", "2606:2800:220:1:248:1893:25c8:1946"),
    ("SSN", "536-90-4399"),
    ("TAX_ID", "86 095 742 719"),
    ("NATIONAL_ID", "12345678Z"),
    ("NATIONAL_ID", "X1234567L"),
    ("NATIONAL_ID", "AB 12 34 56 C"),
    ("PHONE", "+49 30 12345678"),
    ("PHONE", "(415) 555-2671"),
    ("PHONE", "020 7946 0958"),
]
NOT_PERSONAL = (
    "Order TC-5500123, SKU-5099, error E-217, code 0345.",
    "It costs €1,299.00 or 1 299 000 points since 2026-11-22 08:30.",
    "4111 1111 1111 1112 is no card",  # check digit
    "DE89 3704 0044 0532 0130 01 is no account",  # check digits
    "12345678A is no DNI",  # check letter
    "86 095 742 710 is no tax number",  # check digit
    "000-12-3456 and 666-12-3456 were never given out",
    "192.168.0.1, 127.0.0.1, 10.0.0.8 and version 1.2.3.4.5",
    "sha 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "vector [-0.453125, 0.67871094] of 1,024 × 768",
    "Open Monday to Friday 08:00-20:00, 24/7 online, 2025-2026.",
    "@support or name@host",
)


@pytest.mark.parametrize(("kind", "value"), VALUES)
def test_a_value_is_found_inside_of_a_sentence_and_nothing_around_it(kind: str, value: str) -> None:
    masked, found = redact(f"Please use {value} for my refund.")
    assert masked == f"Please use [{kind}_1] for my refund."
    assert [one.kind for one in found] == [kind]


@pytest.mark.parametrize("text", NOT_PERSONAL)
def test_codes_prices_dates_and_wrong_check_digits_are_left_alone(text: str) -> None:
    assert redact(text) == (text, ())


@pytest.mark.parametrize(
    "text",
    [
        "born on 3/4/1985",
        "geboren am 3. April 1985",
        "Date of birth: 1985-04-03",
        "fecha de nacimiento: 3 de abril de 1985",
    ],
)
def test_a_date_is_personal_next_to_the_word_birth_and_only_there(text: str) -> None:
    assert [one.kind for one in personal_data(text)] == ["BIRTH_DATE"]
    assert personal_data("delivered on 3/4/1985") == []


def test_numbers_with_their_name_count_without_a_shape() -> None:
    assert redact("Phone: 467 3395")[0] == "Phone: [PHONE_1]"
    assert redact("my SSN 536904399")[0] == "my SSN [SSN_1]"
    assert redact("Steuer-ID 86095742719")[0] == "Steuer-ID [TAX_ID_1]"


def test_the_same_value_gets_the_same_number() -> None:
    masked, _ = redact("ann@example.org, bob@example.org, ANN@example.org")
    assert masked == "[EMAIL_1], [EMAIL_2], [EMAIL_1]"


def test_without_the_extra_shapes_still_find_telephone_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phones_module, "_library", lambda: None)
    assert redact("call +49 30 12345678")[0] == "call [PHONE_1]"


def test_a_question_is_masked_by_default_and_blocked_or_flagged_on_wish() -> None:
    text = "Refund to DE89 3704 0044 0532 0130 00?"
    assert check(PiiGuard(), text).replacement == "Refund to [IBAN_1]?"
    blocked = check(PiiGuard(question="block"), text)
    assert (blocked.action, blocked.outcome, blocked.replacement) == ("block", Outcome.BLOCKED, None)
    assert check(PiiGuard(question="flag"), text).action == "flag"
    assert check(PiiGuard(question="off"), text).action == "allow"
    assert check(PiiGuard(keep=("DE89 3704 0044 0532 0130 00",)), text).action == "allow"


async def test_an_answer_may_show_what_its_citation_quotes_and_nothing_else() -> None:
    quote = "Write to support@example.com."
    citation = Citation(n=1, chunk_id="c", document_id="d", quote=quote, start=0, end=len(quote))
    answer = replace(answer_of("Write to support@example.com or lena@example.com. [1]"), citations=(citation,))
    verdict = await PiiGuard().check(Query(text="How?", tenant="t"), answer)
    assert verdict.replacement == "Write to support@example.com or [EMAIL_1]. [1]"
    assert (await PiiGuard(answer="off").check(Query(text="How?", tenant="t"), answer)).action == "allow"


def test_the_verdict_never_repeats_the_value() -> None:
    verdict = check(PiiGuard(), "I am ann@example.org")
    assert "ann" not in verdict.rule + verdict.reason
    assert verdict.rule == "EMAIL"
