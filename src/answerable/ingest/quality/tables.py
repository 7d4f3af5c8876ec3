"""Tables that lost their shape: rows of different lengths, and rows of figures without a header."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from answerable.core.ports import DocumentView
from answerable.ingest.quality.finding import Finding, Severity, finding

_CELL = " | "
_ROW = re.compile(r"^[^\n]* \| [^\n]*$", re.M)
_FIGURE = re.compile(r"[\d.,:%€$£/+–\s-]*\d[\d.,:%€$£/+–\s-]*")
_MIN_ROWS = 3  # fewer are no table


def find_broken_tables(view: DocumentView) -> Iterator[Finding]:
    """One finding for each table."""
    for rows in _tables(view.text):
        if len(rows) < _MIN_ROWS:
            continue
        counts = Counter(_cells(row.group()) for row in rows)
        usual, often = counts.most_common(1)[0]
        ragged = [row for row in rows if _cells(row.group()) != usual]
        if ragged and often > len(rows) / 2:
            yield finding(
                view,
                "table",
                Severity.WARNING,
                evidence=f"{len(ragged)} of {len(rows)} rows have not {usual} cells: “{ragged[0].group()}”",
                fix="give every row the same cells; merged cells do not survive the reading",
                span=ragged[0].span(),
            )
        first = [cell.strip() for cell in rows[0].group().split(_CELL.strip())]
        if all(not cell or _FIGURE.fullmatch(cell) for cell in first):
            yield finding(
                view,
                "table",
                Severity.NOTE,
                evidence=f"the first of {len(rows)} rows holds only figures: “{rows[0].group()}”",
                fix="give the table a header row: a figure without its column's name answers nothing",
                span=rows[0].span(),
            )


def _tables(text: str) -> Iterator[list[re.Match[str]]]:
    """Runs of rows that follow each other."""
    run: list[re.Match[str]] = []
    for row in _ROW.finditer(text):
        if run and row.start() != run[-1].end() + 1:
            yield run
            run = []
        run.append(row)
    if run:
        yield run


def _cells(row: str) -> int:
    return row.count("|") + 1
