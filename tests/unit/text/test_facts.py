"""Numbers, dates, names, negations and amounts as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.text.dates import dates
from answerable.text.facts import facts, names, negations
from answerable.text.numbers import numbers, ordinals
from answerable.text.quantities import agree, quantities


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("30 days", [{"30"}]),
        ("thirty days", [{"30"}]),
        ("twenty-one days", [{"21"}]),
        ("1,000 pieces", [{"1000", "1"}]),
        ("1.000,50 EUR", [{"1000.5"}]),
        ("€49.90", [{"49.9"}]),
        ("5GB and 24h", [{"5"}, {"24"}]),
        ("10-14 days", [{"10"}, {"14"}]),
        ("dreißig Tage", [{"30"}]),
        ("treinta días", [{"30"}]),
        ("SKU-1234", []),
        ("no one", []),
    ],
)
def test_numbers_are_read(text, readings):
    assert [set(one) for one in numbers(text)] == readings


def test_ordinals_count_apart():
    assert ordinals("the second time") == {"2"}
    assert numbers("the second time") == []


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("on 2026-05-02.", "2026-05-02"),
        ("on 2 May 2026", "2026-05-02"),
        ("on May 2, 2026", "2026-05-02"),
        ("am 2. Mai 2026", "2026-05-02"),
        ("el 2 de mayo de 2026", "2026-05-02"),
        ("in May 2026", "2026-05"),
        ("until 31 January", "*-01-31"),
    ],
)
def test_dates_are_read_and_blanked_out(text, reading):
    found, rest = dates(text)
    assert found == [frozenset({reading})]
    assert "2026" not in rest
    assert len(rest) == len(text)


def test_a_date_with_two_readings_has_both():
    (found,), _ = dates("07/08/2026")
    assert found == {"2026-07-08", "2026-08-07"}


def test_the_year_of_a_date_is_no_number():
    assert facts("Changed on 2 May 2026.").numbers == ()


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("Ask Anna in Berlin about SUMMER20.", "en", ["anna", "berlin", "summer20"]),
        ("Anna lives here.", "en", []),  # a first word is capitalized anyway
        ("¿Hacéis envíos?", "es", []),
        ("Die Garantie gilt für SKU-1234 im Laden.", "de", ["sku-1234"]),
        ("call return_items() on iPhone and NASA", "en", ["return_items", "nasa"]),
        ("on Monday in May I went", "en", []),
    ],
)
def test_names_are_what_names_one_thing(text, language, found):
    assert names(text, language) == found


@pytest.mark.parametrize(
    ("text", "language", "count"),
    [
        ("It is not covered.", "en", 1),
        ("It isn't covered without a seal.", "en", 2),
        ("Das ist nicht möglich.", "de", 1),
        ("No se puede.", "es", 1),
        ("It is covered.", "en", 0),
    ],
)
def test_negations_are_counted(text, language, count):
    assert negations(text, language) == count


def test_amounts_are_on_one_scale():
    assert agree(quantities("12 months")["days"], quantities("one year")["days"])
    assert not agree(quantities("30 days")["days"], quantities("60 days")["days"])
    assert quantities("$19.95 and 2 business days") == {"dollar": {19.95}, "days": {2.0}}


@given(st.text(max_size=120), st.sampled_from(["en", "de", "es", "xx"]))
def test_any_text_has_facts(text, language):
    found = facts(text, language)
    assert found == facts(text, language)
    assert all(readings for readings in (*found.numbers, *found.dates))
