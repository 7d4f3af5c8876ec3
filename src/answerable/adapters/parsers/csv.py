"""CSV tables: each row becomes one line that says its column names, so that it can be read and found alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from answerable.adapters.parsers.assemble import assemble
from answerable.adapters.parsers.canonical import decode
from answerable.adapters.parsers.door import door, malformed, too_large
from answerable.adapters.parsers.sheet import Sheet
from answerable.core.document import Document
from answerable.core.ports import Raw

MEDIA_TYPE = "text/csv"
_FORM = "CSV table"
_DELIMITERS = ",;\t|"
_ROWS_A_BLOCK = 20
_SAMPLE = 16_384


class CsvParser:
    """The dialect is sniffed; the first row names the columns unless it holds numbers, blanks or repetitions."""

    def __init__(self, max_rows: int = 50_000) -> None:
        self._max_rows = max_rows

    def parse(self, raw: Raw) -> Document:
        with door(raw, _FORM):
            decoded = decode(raw.data, uri=raw.uri)
            rows = self._rows(raw, decoded.text)
            names, rows = _columns(rows)
            sheet = Sheet()
            sheet.counts["invisible_characters"] += decoded.invisible
            lines = [line for row in rows if (line := _line(names, row))]
            for start in range(0, len(lines), _ROWS_A_BLOCK):
                sheet.add("table", "\n".join(lines[start : start + _ROWS_A_BLOCK]), below=(", ".join(names),))
            meta = {**decoded.meta, "columns": ", ".join(names), "rows": str(len(lines))}
            return assemble(raw, sheet, media_type=MEDIA_TYPE, form=_FORM, meta=meta)

    def _rows(self, raw: Raw, text: str) -> list[list[str]]:
        rows: list[list[str]] = []
        try:
            for row in _reader(text):
                if not any(cell.strip() for cell in row):
                    continue
                if len(rows) > self._max_rows:
                    raise too_large(
                        raw,
                        f"the table has more than {self._max_rows:,} rows",
                        "Split it, or leave out rows that no question is about.",
                    )
                rows.append([" ".join(cell.split()) for cell in row])
        except csv.Error as exc:
            raise malformed(raw, _FORM, str(exc)) from exc
        return rows


def _reader(text: str) -> Iterator[list[str]]:
    sample = text[:_SAMPLE]
    try:
        dialect: type[csv.Dialect] | str = csv.Sniffer().sniff(sample.rpartition("\n")[0] or sample, _DELIMITERS)
    except csv.Error:  # one column, or too little to tell
        dialect = "excel-tab" if "\t" in sample else "excel"
    return csv.reader(io.StringIO(text, newline=""), dialect, doublequote=True, skipinitialspace=True)


def _columns(rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    first = rows[0] if rows else []
    named = len(rows) > 1 and all(first) and len(set(first)) == len(first)
    if named and not any(cell.replace(".", "").replace(",", "").lstrip("-").isdigit() for cell in first):
        return [name.replace("_", " ") for name in first], rows[1:]
    return [f"column {number}" for number in range(1, max(map(len, rows), default=0) + 1)], rows


def _line(names: list[str], row: list[str]) -> str:
    """`name: value; name: value`, blank cells left out; cells beyond the columns have no name."""
    named = [f"{name}: {cell}" for name, cell in zip(names, row, strict=False) if cell]
    return "; ".join([*named, *(cell for cell in row[len(names) :] if cell)])
