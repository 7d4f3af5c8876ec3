"""Fiscal periods, as reports name them."""

from __future__ import annotations

import pytest

from answerable.text.statements.periods import other_period, periods, reported


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Revenue of the second quarter of fiscal 2024 rose.", {"2024 Q2", "FY24"}),
        ("2023 Q2 NVDA", {"2023 Q2"}),
        ("Q3 2025 and H1", {"2025 Q3", "H1"}),
        ("the three months ended March 31, 2024", {"three months", "to 2024-03-31"}),
        ("As of March 31, 2024 there are 12 of them.", {"to 2024-03-31"}),
        ("FY2023 and financial year 2023", {"FY23"}),
        ("during the first nine months of 2023", {"nine months"}),
        ("A quarter of all lamps lasts 12 months.", set()),
        ("Nothing here.", set()),
    ],
)
def test_periods_are_read(text: str, found: set[str]) -> None:
    assert periods(text) == found


@pytest.mark.parametrize(
    ("mine", "theirs", "other"),
    [
        ({"2023 Q1"}, {"2023 Q2"}, True),
        ({"Q2"}, {"2023 Q2"}, False),
        ({"2022 Q2"}, {"2023 Q2"}, True),
        ({"three months", "to 2023-07-01"}, {"three months", "to 2023-04-01"}, True),
        ({"FY23"}, {"Q2"}, False),
        ({"Q2"}, set(), False),
    ],
)
def test_two_periods_are_others_where_both_name_one_of_a_sort(
    mine: set[str], theirs: set[str], other: bool
) -> None:
    assert other_period(frozenset(mine), frozenset(theirs)) is other


def test_a_report_says_at_its_beginning_what_it_is_of() -> None:
    assert reported("FORM 10-Q. For the quarterly period ended June 30, 2024 or") == {"to 2024-06-30"}
    assert reported("The quarterly period is long.") == frozenset()
