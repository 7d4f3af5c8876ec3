"""The table of what telemetry costs in docs/reference/figures.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn

_ARMS = {
    "off": "no collector",
    "none": "a collector, no content",
    "redacted": "a collector, redacted content",
    "away": "a collector that is away",
}


def _cost(result: Mapping[str, Any]) -> str:
    rows = [[said, f"{result['cpu_us'][name] / 1000:.1f}", _more(result, name)] for name, said in _ARMS.items()]
    parts = [
        [content, f"{one['loop_us']}", f"{one['thread_us'] / 1000:.2f}", f"{one['spans']}", f"{one['bytes']}"]
        for content, one in result["parts"].items()
    ]
    return "\n".join(
        [
            drawn(("telemetry", "CPU ms an answer, median of turns", "more than without (95 %)"), rows),
            drawn(("content", "µs on the event loop", "ms in a thread", "spans", "bytes"), parts),
        ]
    )


def _more(result: Mapping[str, Any], name: str) -> str:
    if name == "off":
        return "–"
    value, low, high = (result["more_us"][name][key] for key in ("value", "low", "high"))
    between = "" if low is None else f" ({low / 1000:+.1f} to {high / 1000:+.1f})"
    return f"{value / 1000:+.1f} ms{between}"


TELEMETRY_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {"telemetry_cost": _cost}
