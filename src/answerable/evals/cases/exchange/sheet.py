"""A spreadsheet of cases: CSV with a column for each key. Lists have a line each in a cell, the rest is JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from answerable.core.evaluation import EvalCase
from answerable.evals.cases.exchange.brought import Bringing, Written
from answerable.evals.cases.schema import EXPECT_KEYS, KEYS, to_mapping
from answerable.text import cells

COLUMNS = tuple(key for one in KEYS for key in (EXPECT_KEYS if one == "expect" else (one,)))
_LISTS = ("tags", "groups", "must", "must_not", "accept_also", "cites", "criteria")
_JSON = ("filters", "history", "spans", "origin", "gold_version")
_ALIASES = {
    **dict.fromkeys(("query", "input", "prompt"), "question"),
    **dict.fromkeys(("answer", "expected", "ground_truth"), "reference"),
    "category": "tags",
    "lang": "language",
}


def rows_of(text: str) -> list[tuple[int, dict[str, str]]]:
    """(line, row) of a CSV with a header, separated by comma, semicolon or tab. Raises ValueError."""
    head = text.split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows = []
    try:
        before = 1
        for row in reader:
            if None in row:
                raise ValueError(f"line {before + 1} has more cells than the header")
            rows.append((before + 1, {str(key).strip(): value or "" for key, value in row.items()}))
            before = reader.line_num
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num}: {error}") from error
    return rows


def read_sheet(rows: Sequence[tuple[int, Mapping[str, str]]], bringing: Bringing) -> None:
    """Every row as a case; a column that no case has is kept in origin.csv."""
    for line, row in rows:
        try:
            mapping, rest = _mapping(row)
        except ValueError as error:
            bringing.refuse(str(error), line=line, fix="lists: a line each, or JSON")
            continue
        if rest and isinstance(mapping.get("origin", {}), dict):  # what is none is refused with the case
            mapping["origin"] = {**mapping.get("origin", {}), "csv": rest}
            for key in rest:
                bringing.note(str(mapping.get("question", ""))[:60], f"column {key}: kept in origin.csv")
        bringing.take(mapping, line=line)


def write_sheet(cases: Sequence[EvalCase]) -> Written:
    """Every key of every case. A cell that a spreadsheet would take for a formula gets a leading apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=COLUMNS, lineterminator="\n")
    writer.writeheader()
    for case in cases:
        whole = to_mapping(case)
        flat = {**whole, **whole["expect"]}
        writer.writerow({key: cells.cell(_cell(key, flat[key])) for key in COLUMNS})
    return Written(text=out.getvalue())


def _mapping(row: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    mapping: dict[str, Any] = {}
    expect: dict[str, Any] = {}
    rest = {}
    for name, cell in row.items():
        key = name if name in COLUMNS else _ALIASES.get(name.lower(), "")
        if not cell:
            continue
        if not key:
            rest[name] = cell
        else:
            (expect if key in EXPECT_KEYS else mapping)[key] = _value(key, cells.bare(cell))
    return mapping | ({"expect": expect} if expect else {}), rest


def _cell(key: str, value: Any) -> str:
    if value in (None, "", [], {}):
        return ""
    if key in _JSON:
        return json.dumps(value, ensure_ascii=False, default=str)
    if key not in _LISTS:
        return str(value)
    lines = "\n".join(value)
    simple = lines.split("\n") == value and not lines.startswith("[") and all(one == one.strip() for one in value)
    return lines if simple else json.dumps(value, ensure_ascii=False)


def _value(key: str, cell: str) -> Any:
    if key in _JSON or (key in _LISTS and cell.startswith("[")):
        try:
            return json.loads(cell)
        except ValueError as error:
            raise ValueError(f"{key} is no JSON: {cell[:60]!r}") from error
    if key in _LISTS:
        return [line.strip() for line in cell.splitlines() if line.strip()]
    return cell
