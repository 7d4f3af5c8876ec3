"""How metrics look in a terminal, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from answerable.app.metrics.comparing import Change, changes
from answerable.cli.console import note, out, say, table
from answerable.monitor.definition import INTERVALS, Definition
from answerable.monitor.measured import Measured, MeasuredRow, MetricTable
from answerable.monitor.page import columns, rows
from answerable.monitor.records import items_of, table_record
from answerable.text.cells import cell

POINTS = ("share", "people", "corrected", "detected", "harm", "ratio")  # said in percent, changes in points


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
    if shown := [items_of(what, one) for one in what.parts if one.items]:
        out.print()
        say("raw items: " + ", ".join(shown))


def print_table(found: MetricTable) -> None:
    """One line a row and number; what the rows share is written once."""
    when = f"{found.since:%Y-%m-%d %H:%M} to {found.until:%Y-%m-%d %H:%M} UTC"
    out.print(Text(f"{found.definition.name}, {when}", style="bold"))
    if found.total is None and not found.rows:
        say(f"nothing to count in this time; n counts: {found.definition.of}")
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


def as_json(found: MetricTable, before: MetricTable | None = None) -> str:
    """The same, as a file's text; `before` adds what changed."""
    record = table_record(found)
    if before is not None:
        record["changes"] = [{"key": key, **_change_record(one)} for key, one in changed(found, before)]
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"


def _change_record(one: Change) -> dict[str, Any]:
    ends = {"low": one.low, "high": one.high, "arrow": one.arrow}
    return {"number": one.name, "before": one.before, "now": one.now, **ends}


def changed(found: MetricTable, before: MetricTable) -> list[tuple[dict[str, str], Change]]:
    """Row by row what became of the numbers that can be compared."""
    earlier = {tuple(row.key.values()): row for row in before.rows}
    pairs = [(row, earlier.get(tuple(row.key.values()))) for row in found.rows]
    if found.total is not None:
        pairs.append((found.total, before.total))
    return [(dict(row.key), one) for row, then in pairs for one in changes(then, row).values()]


def print_changes(found: MetricTable, before: MetricTable) -> None:
    """Against the time before; an arrow only where the interval of the difference does not hold zero."""
    out.print()
    out.print(Text(f"against {before.since:%Y-%m-%d} to {before.until:%Y-%m-%d}", style="bold"))
    lines = []
    for key, one in changed(found, before):
        part = found.definition.part(one.name)
        scale, unit = (100.0, " points") if part.kind in POINTS else (1.0, f" {part.unit}".rstrip())
        said = f"{scale * one.difference:+.4g}{unit}"
        lines.append(
            [
                ", ".join(key.values()) or "all",
                one.name,
                said,
                f"[{scale * one.low:.4g}–{scale * one.high:.4g}]",
                one.arrow,
            ]
        )
    if lines:
        table(["of", "number", "change", "95 % interval", ""], lines)
    else:
        say("nothing that can be compared: too few, or not measured then")


def print_items(found: Sequence[Mapping[str, Any]]) -> None:
    """One line an item."""
    if not found:
        say("nothing in this time")
        return
    names = list(found[0])
    table(names, [[_cell(one[name]) for name in names] for one in found])


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def as_csv(tables: Sequence[MetricTable]) -> str:
    """One line a row and number; rows of too few persons have none."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    by = tuple(dict.fromkeys(name for found in tables for name in found.by))
    writer.writerow([*by, "metric", "number", "value", "k", "n", "low", "high", "unmeasured", "interval", "unit"])
    for found in tables:
        shown = found.rows if found.by else [row for row in [found.total] if row is not None]
        for row in shown:
            writer.writerows(_csv_line(found, row, by, one) for one in row.numbers)
    return file.getvalue()


def _csv_line(found: MetricTable, row: MeasuredRow, by: Sequence[str], one: Measured) -> list[Any]:
    values = [one.value, one.k, one.n, one.low, one.high, one.unmeasured]
    cells = ["" if value is None else value for value in values]
    unit = found.currency if one.unit == "money" else one.unit
    return [*(cell(row.key.get(key, "")) for key in by), found.definition.name, one.name, *cells, one.kind, unit]
