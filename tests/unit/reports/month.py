"""A month of made-up numbers for reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from answerable.app.metrics.comparing import Change
from answerable.app.metrics.product_board import ProductBoard
from answerable.app.reports.facts import Facts, Gap, Trouble
from answerable.core.ports import Happening
from answerable.monitor.definitions import PRODUCT
from answerable.monitor.measured import Mark, Measured, MeasuredRow, MetricTable

UNTIL = datetime(2026, 11, 23, tzinfo=UTC)
SINCE = UNTIL - timedelta(days=28)
DEPLOYED = SINCE + timedelta(days=9, hours=3)
Numbers = Mapping[str, tuple[float | None, float | None, float | None, int]]  # value, low, high, n

GOOD: Mapping[str, Numbers] = {
    "completion": {
        "corrected": (0.812, 0.781, 0.843, 12_304), "low": (0.31, 0.302, 0.318, 12_304),
        "mid": (0.62, 0.611, 0.629, 12_304), "high": (0.86, 0.854, 0.866, 12_304),
        "labels": (240, None, None, 240),
    },
    "escalation": {
        "failure": (0.021, 0.019, 0.024, 12_304), "asked": (0.034, 0.031, 0.037, 12_304),
        "any": (0.061, 0.057, 0.065, 12_304), "missed": (0.05, 0.02, 0.1, 120),
    },
    "satisfaction": {"up": (0.78, 0.75, 0.81, 690), "rated": (0.041, 0.038, 0.044, 16_800)},
    "harm": {"harmful": (0.004, 0.001, 0.012, 420)},
    "task_cost": {
        "per_task": (0.0312, 0.0301, 0.0324, 12_304), "per_completed": (0.0384, None, None, 12_304),
        "with_people": (0.41, None, None, 12_304), "total": (383.9, None, None, 12_304),
        "unpriced": (12, None, None, 12),
    },
}  # fmt: skip
EMPTY: Mapping[str, Numbers] = {name: {} for name in GOOD}


def a_board(numbers: Mapping[str, Numbers]) -> ProductBoard:
    tables = {name: _table(name, numbers[name]) for name in PRODUCT}
    change = Change(name="corrected", before=0.77, now=0.812, low=0.01, high=0.07)
    changes = {name: {"corrected": change} if name == "completion" else {} for name in PRODUCT}
    return ProductBoard(
        since=SINCE, until=UNTIL, currency="USD", tables=tables, before=tables, changes=changes
    )  # fmt: skip


def _table(name: str, numbers: Numbers) -> MetricTable:
    what = PRODUCT[name]
    parts = tuple(
        Measured(name=part.name, kind=part.kind, unit=part.unit, n=n, value=value, low=low, high=high,
                 k=round(value * n) if part.kind in ("share", "people") and value is not None else None)
        for part in what.parts
        if part.name in numbers
        for value, low, high, n in (numbers[part.name],)
    )  # fmt: skip
    n = max((one.n for one in parts), default=0)
    marks = (Mark(at=SINCE + timedelta(days=9), kind="deploy", label="deploy", detail="answer@3.2.0"),)
    total = MeasuredRow(key={}, n=n, numbers=parts)
    return MetricTable(
        definition=what, since=SINCE, until=UNTIL, by=(), rows=(), total=total, marks=marks
    )  # fmt: skip


def some_facts(numbers: Mapping[str, Numbers] = GOOD) -> Facts:
    """A month with some trouble."""
    return Facts(
        project="shop",
        purpose="Ask the Hill & Sons help desk",
        board=a_board(numbers),
        documents=412,
        sources=("handbook", "tickets"),
        answers_by_ai=True,
        troubles=(
            Trouble(at=DEPLOYED, kind="refusals", until=DEPLOYED + timedelta(hours=5)),
            Trouble(at=SINCE + timedelta(days=20), kind="stale_sources"),
        ),
        happened=(
            Happening(
                name="drift.found", at=SINCE + timedelta(days=14), props={"cause": "provider", "sure": "likely"}
            ),
            Happening(name="rollout.changed", at=SINCE + timedelta(days=16), props={"what": "back"}),
        ),
        gaps=(Gap(topic="battery recycling", tasks=212), Gap(topic="invoice address", tasks=88)),
        late=("2026-W46 is overdue since 2026-11-18: 12 of 36 readings",),
    )


def quiet_facts() -> Facts:
    """A project on its first day."""
    return replace(some_facts(EMPTY), documents=0, troubles=(), happened=(), gaps=(), late=(), answers_by_ai=False)
