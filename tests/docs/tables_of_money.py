"""The table of budgets in docs/reference/figures.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn


def _budget(result: Mapping[str, Any]) -> str:
    rows = [
        [callers, *(f"{one[step]['p50_ms']:.1f} / {one[step]['p95_ms']:.1f}" for step in ("reserve", "settle"))]
        for callers, one in result["callers"].items()
    ]
    rushes = result["rushes"]
    asked, ran = sum(one["asked"] for one in rushes), sum(one["ran"] for one in rushes)
    over = max(one["overspent"] for one in rushes)
    facts = [
        [f"callers in two processes, on a budget for 10, {len(rushes)} times", f"{asked}"],
        ["of them ran", f"{ran}"],
        ["overspent, most of a time", over],
    ]
    heads = ("at once on one budget", "hold, ms p50 / p95", "settle, ms p50 / p95")
    return "\n".join([drawn(heads, rows), drawn(("fact", "figure"), facts)])


MONEY_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {"budget": _budget}
