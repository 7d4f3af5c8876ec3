"""Amounts are found with their units, and a text without an end to its digits is read all the same."""

from __future__ import annotations

import pytest

from answerable.text.quantities import quantities


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("within 30 business days", {"days": {30.0}}),
        ("1,5 Stunden, 5 Werktage", {"hours": {1.5}, "days": {5.0}}),
        ("v1.5 days", {"days": {1.5}}),
        ("30,days", {"days": {30.0}}),
    ],
)
def test_an_amount_is_its_number_and_its_unit(text, found):
    assert {kind: set(values) for kind, values in quantities(text).items()} == found


@pytest.mark.parametrize("text", ["1" * 20_000, "1," * 10_000, "1" + " " * 20_000, "1 " * 10_000])
def test_digits_and_blanks_without_end_are_no_amount(text):
    assert quantities(text + "x") == {}  # it took minutes, cubic in the digits
