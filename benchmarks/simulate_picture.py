"""The picture of the simulated month: what was so day by day, when things changed, and when it was noticed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

FIGURE = Path("docs/images/simulated-month.svg")
_WIDTH, _LEFT, _RIGHT, _PANEL, _GAP, _TOP = 980, 62, 20, 92, 34, 64
_LINES = (
    ("completed", "tasks completed", "#1f4e79", True),
    ("refused", "questions refused", "#c0504d", True),
    ("latency_p95_ms", "p95 of answers, ms", "#6a51a3", False),
    ("cost", "cost of a task, EUR", "#2e7d32", False),
)
_HARM, _NONE, _SEEN = "#f3e3c8", "#e4ecf4", "#111"


def picture(month: Mapping[str, Any]) -> str:
    """Four panels over the same days; bands are changes, triangles the first alarm, diamonds the right blame."""
    days = month["by_day"]
    last = max(one["day"] for one in days) + 1
    height = _TOP + len(_LINES) * (_PANEL + _GAP) + 60
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" '
        'font-size="12" role="img">',
        "<title>A simulated month: truth by day, what changed, and when it was noticed</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="20" font-size="15" font-weight="bold">A simulated month: {month["tasks"]:,} tasks, '
        "the truth by day</text>",
    ]
    bottom = _TOP + len(_LINES) * (_PANEL + _GAP) - _GAP
    begin = _start(month)
    for number, one in enumerate(month["incidents"]):
        parts += _band(one, begin, last, bottom, number)
    for number, (name, label, color, share) in enumerate(_LINES):
        top = _TOP + number * (_PANEL + _GAP)
        parts += _panel([one[name] for one in days], label, color, top, share, last)
    for week in range(0, last + 1, 7):
        x = _x(week, last)
        parts.append(f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">day {week}</text>')
    parts.append(
        f'<text x="{_LEFT}" y="{bottom + 40}">band: from the change to its end (blue: harmless)   ▼ first alarm'
        "   ◆ blamed on the right cause   simulated: no model was asked</text>"
    )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _start(month: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(month["start"])


def _band(one: Mapping[str, Any], begin: datetime, last: int, bottom: int, number: int) -> list[str]:
    since, until = (_day(one[name], begin) for name in ("since", "until"))
    left, right = _x(since, last), _x(min(until, last), last)
    color = _HARM if one["blame"] else _NONE
    high, wide = bottom - _TOP + 8, right - left
    parts = [
        f'<rect x="{left}" y="{_TOP - 8}" width="{wide:.1f}" height="{high}" fill="{color}"/>',
        f'<text x="{left}" y="{_TOP - 14 - 14 * (number % 2)}" font-size="11">{escape(one["name"])}</text>',
    ]
    if one["detected"] and one["blame"]:
        parts.append(_sign("▼", _x(_day(one["detected"], begin), last), bottom))
    if one["named_right"]:
        parts.append(_sign("◆", _x(_day(one["named_right"], begin), last), bottom - 14))
    return parts


def _sign(sign: str, x: float, y: int) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="middle" fill="{_SEEN}" font-size="12">{sign}</text>'


def _panel(values: Sequence[float], label: str, color: str, top: int, share: bool, last: int) -> list[str]:
    low, high = min(values), max(values)
    spread = (high - low) or 1.0
    low, high = low - 0.1 * spread, high + 0.1 * spread
    parts = [f'<text x="{_LEFT}" y="{top + 2}" fill="{color}" font-weight="bold">{label}</text>']
    for value in (low, high):
        y = _y(value, low, high, top)
        said = f"{100 * value:.0f} %" if share else f"{value:,.4g}"
        parts.append(f'<line x1="{_LEFT}" y1="{y}" x2="{_WIDTH - _RIGHT}" y2="{y}" stroke="#ccc"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{said}</text>')
    points = " ".join(f"{_x(n + 0.5, last)},{_y(value, low, high, top)}" for n, value in enumerate(values))
    parts.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>')
    return parts


def _day(at: str, begin: datetime) -> float:
    return (datetime.fromisoformat(at) - begin).total_seconds() / 86_400


def _x(day: float, last: int) -> float:
    return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * day / last, 1)


def _y(value: float, low: float, high: float, top: int) -> float:
    return round(top + 8 + (_PANEL - 8) * (1 - (value - low) / (high - low)), 1)
