"""How metrics look in a terminal, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from rich.text import Text

from answerable.cli.console import note, out, say, table
from answerable.monitor.definition import DIMENSIONS, INTERVALS, Definition
from answerable.monitor.measured import MeasuredRow, MetricTable
from answerable.monitor.page import columns, rows
from answerable.text.cells import cell


def print_definition(what: Definition) -> None:
    """For people."""
    out.print(Text(what.name, style="bold"))
    say(what.says)
    say(f"n counts: {what.of}")
    say(f"read from: {what.source}")
    say(f"parted by: {', '.join(what.dimensions)}")
    out.print()
    table(["number", "says", "formula"], [[one.name, one.says, one.formula] for one in what.parts])
    out.print()
    for kind in dict.fromkeys(one.kind for one in what.parts):
        names = ", ".join(one.name for one in what.parts if one.kind == kind)
        say(f"interval of {names}: {INTERVALS[kind]}")
    out.print()
    for caveat in what.caveats:
        say(f"- {caveat}")


def definition_record(what: Definition) -> dict[str, Any]:
    """As values."""
    return {
        "name": what.name,
        "says": what.says,
        "n_counts": what.of,
        "source": what.source,
        "dimensions": {name: DIMENSIONS[name] for name in what.dimensions},
        "charted": list(what.charted),
        "numbers": [
            {
                "name": one.name,
                "says": one.says,
                "formula": one.formula,
                "unit": one.unit,
                "interval": INTERVALS[one.kind],
            }
            for one in what.parts
        ],
        "caveats": list(what.caveats),
    }


def print_table(found: MetricTable) -> None:
    """One line a row and number; what the rows share is written once."""
    when = f"{found.since:%Y-%m-%d %H:%M} to {found.until:%Y-%m-%d %H:%M} UTC"
    out.print(Text(f"{found.definition.name}, {when}", style="bold"))
    if found.total is None and not found.rows:
        say("no answers in this time")
    else:
        _print_rows(found)
    for mark in found.marks:
        say(f"{mark.at:%Y-%m-%d %H:%M}  {mark.kind:<8}{mark.label}{f'  ({mark.detail})' if mark.detail else ''}")
    for one in found.notes:
        note(one)
    note(f"what each number is: answerable metric explain {found.definition.name}")


def _print_rows(found: MetricTable) -> None:
    head, lines = len(found.by) + 1, []
    before: list[str] = []
    for line in rows(found):
        lines.append(line if line[:head] != before else ["" for _ in line[:head]] + line[head:])
        before = line[:head]
    table(columns(found), lines, right=["answers", "value", "unmeasured"])


def table_record(found: MetricTable) -> dict[str, Any]:
    """As values; shares in [0, 1], times in milliseconds, None where nothing was measured."""
    return {
        "metric": found.definition.name,
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "by": list(found.by),
        "currency": found.currency,
        "rows": [_row_record(row) for row in found.rows],
        "total": None if found.total is None else _row_record(found.total),
        "marks": [
            {"at": one.at.isoformat(), "kind": one.kind, "label": one.label, "detail": one.detail}
            for one in found.marks
        ],
        "notes": list(found.notes),
    }


def as_json(found: MetricTable) -> str:
    """The same, as a file's text."""
    return json.dumps(table_record(found), ensure_ascii=False, indent=2) + "\n"


def as_csv(found: MetricTable) -> str:
    """One line a row and number; rows of too few persons have none."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(
        [*found.by, "metric", "number", "value", "k", "n", "low", "high", "unmeasured", "interval", "unit"]
    )
    shown = found.rows if found.by else [row for row in [found.total] if row is not None]
    for row in shown:
        for one in row.numbers:
            name = found.definition.name
            values = [one.value, one.k, one.n, one.low, one.high, one.unmeasured]
            cells = ["" if value is None else value for value in values]
            unit = found.currency if one.unit == "money" else one.unit
            writer.writerow([*(cell(row.key[key]) for key in found.by), name, one.name, *cells, one.kind, unit])
    return file.getvalue()


def _row_record(row: MeasuredRow) -> dict[str, Any]:
    numbers = {
        one.name: {
            "value": one.value,
            "k": one.k,
            "n": one.n,
            "low": one.low,
            "high": one.high,
            "unmeasured": one.unmeasured,
        }
        for one in row.numbers
    }
    return {"key": dict(row.key), "n": row.n, "withheld": row.withheld, "numbers": numbers}
