"""Metrics as one HTML file: charts with the tables behind them; no other file, no address, no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Any

from markupsafe import Markup

from answerable.monitor.definition import INTERVALS, Definition
from answerable.monitor.measured import MeasuredRow, MetricTable
from answerable.monitor.saying import interval_of, value_of
from answerable.text.page import render_page


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One metric on the page: its charts, and the tables whose numbers they show."""

    definition: Definition
    charts: Sequence[str]  # <svg>…</svg>
    tables: Mapping[str, MetricTable]


def to_html(title: str, sections: Sequence[Section], *, since: datetime, until: datetime) -> str:
    """The page. Names of versions, models and marks are escaped, and nothing in it may run."""
    values = {
        "title": title,
        "since": f"{since:%Y-%m-%d %H:%M}",
        "until": f"{until:%Y-%m-%d %H:%M}",
        "sections": [_section(one) for one in sections],
    }
    return render_page(resources.files(__package__) / "templates", "metric", values)


def _section(one: Section) -> dict[str, Any]:
    what = one.definition
    notes = dict.fromkeys(note for table in one.tables.values() for note in table.notes)
    return {
        "name": what.name,
        "says": what.says,
        "charts": [Markup(svg) for svg in one.charts],  # noqa: S704 - escaped where it is drawn
        "notes": list(notes),
        "tables": [
            {"name": name, "columns": columns(table), "rows": rows(table)} for name, table in one.tables.items()
        ],
        "explained": explained(what),
    }


def explained(what: Definition) -> list[str]:
    """A line for each number, the intervals and the caveats."""
    kinds = dict.fromkeys(one.kind for one in what.parts)
    return [
        *(f"{one.name}: {one.says} ({one.formula})" for one in what.parts),
        *(f"interval of a {kind}: {INTERVALS[kind]}" for kind in kinds),
        *what.caveats,
    ]


def columns(table: MetricTable) -> list[str]:
    """Of `rows`."""
    return [*table.by, "answers", "number", "value", "95 % interval", "unmeasured"]


def rows(table: MetricTable) -> list[list[str]]:
    """One line a row and number, in words; the sum comes last."""
    shown = [*table.rows, *([table.total] if table.total is not None else [])]
    return [line for row in shown for line in _lines(table, row)]


def _lines(table: MetricTable, row: MeasuredRow) -> list[list[str]]:
    key = [row.key.get(name, "all" if row is table.total else "") or "–" for name in table.by]
    if row.withheld:
        return [[*key, str(row.n), "fewer than 5 persons", "", "", ""]]
    return [
        [
            *key,
            str(row.n),
            one.name,
            value_of(one, table.currency),
            interval_of(one),
            str(one.unmeasured or ""),
        ]
        for one in row.numbers
    ]
