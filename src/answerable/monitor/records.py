"""Definitions and measured metrics as plain values, for files, programs and pages."""

from __future__ import annotations

from typing import Any

from answerable.monitor.definition import DIMENSIONS, INTERVALS, Definition, Part
from answerable.monitor.measured import MeasuredRow, MetricTable


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
                "items": items_of(what, one),
            }
            for one in what.parts
        ],
        "caveats": list(what.caveats),
    }


def items_of(what: Definition, part: Part) -> str:
    """The command that lists what is behind a number; empty where there is none."""
    return f"answerable metric show {what.name} --items {part.items}" if part.items else ""


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
