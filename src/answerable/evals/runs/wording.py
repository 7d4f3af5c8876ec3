"""How the figures of a report are said to people, the same in a terminal and on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def latency_text(latency: Mapping[str, Any]) -> str:
    """p50 and p95 with their intervals; what was not measured is said."""
    if not latency["n"]:
        return "not measured: every row came from the cache, or broke"
    said = "; ".join(f"{name} {interval_text(latency[name])}" for name in ("p50", "p95"))
    return f"{said}; n {latency['n']}"


def interval_text(one: Mapping[str, Any] | None) -> str:
    """A quantile with its interval. An end that so few values do not bound is a question mark."""
    if one is None:
        return "not measured"
    low, high = ("?" if end is None else milliseconds(end) for end in (one["low"], one["high"]))
    return f"{milliseconds(one['ms'])} ({low} – {high})"


def milliseconds(value: float) -> str:
    """With the unit that suits it."""
    return f"{value:.0f} ms" if value < 1000 else f"{value / 1000:.2f} s"


def cost_text(cost: Mapping[str, Any]) -> str:
    """Answers and judges apart; without prices it is not 0 but unknown."""
    if cost["answers"] is None:
        answers, now = "unknown: no answer has a price", ""
    else:
        now = f"; {cost['now']} of it spent in this run"
        unpriced = f", {cost['unpriced']} more without a price" if cost["unpriced"] else ""
        answers = f"{cost['answers']} for {cost['priced']} answers{unpriced}"
    judges = f"; judges {cost['judges']}" if cost["judges"] is not None else ""
    return f"{answers}{judges}{now}"
