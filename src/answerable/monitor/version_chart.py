"""A metric by day and version as inline SVG: lines with their interval bands, and marks of what changed when.

Plain shapes with presentation attributes: no script, no style, so it stands in any page and in a file of its own.
Text takes the page's color; lines are told apart by color, dash and the shape of their points.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import escape
from itertools import groupby

from answerable.core.identity import content_id
from answerable.monitor.definition import FEW, Part
from answerable.monitor.measured import Mark, Measured
from answerable.monitor.saying import interval_of, value_of

WIDTH, PLOT = 760, 240  # pixels; the legends' lines come below
_LEFT, _RIGHT, _TOP = 64, 16, 40
_LINE = 18
_COLORS = ("#2f7fd6", "#c46a00", "#2a9461", "#a05bd0", "#c2476b", "#7a8794")  # 3:1 on white and on near-black
_DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 2", "1 2")
_MOST = len(_COLORS)  # versions; of more, the newest
_MARKS = 12  # that are drawn; of more, the newest


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One version: a number for each day on which there was one."""

    name: str
    points: tuple[tuple[date, Measured], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What is drawn: one part of a metric over [since, until]."""

    title: str
    part: Part
    series: Sequence[Series]
    marks: Sequence[Mark]
    since: datetime
    until: datetime
    currency: str = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axes:
    low: float
    high: float
    start: float  # seconds since 1970
    end: float

    def x(self, at: datetime) -> float:
        return _LEFT + (at.timestamp() - self.start) / (self.end - self.start) * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        return _TOP + (self.high - inside) / (self.high - self.low) * PLOT


def chart(what: Chart) -> str:
    """The picture, `<svg>…</svg>`. Names are escaped; a reader that sees nothing gets the last values in words."""
    shown, marks = what.series[-_MOST:], what.marks[-_MARKS:]
    axes = _axes(what, shown)
    height = _TOP + PLOT + 28 + _LINE * (len(shown) + len(marks)) + 14
    name = content_id("chart", what.title, what.part.name, what.since.isoformat(), *(one.name for one in shown))
    body = [
        *_grid(axes, what),
        *(shape for n, one in enumerate(shown) for shape in _drawn(n, one, axes, what.currency)),
        *_mark_lines(marks, axes),
        *_legend(shown, marks, what.currency),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-labelledby="{name}-t {name}-d" font-family="system-ui, sans-serif" font-size="12" '
        f'fill="currentColor"><title id="{name}-t">{escape(what.title)}</title>'
        f'<desc id="{name}-d">{escape(_in_words(what, shown, marks))}</desc>{"".join(body)}</svg>'
    )


def _axes(what: Chart, shown: Sequence[Series]) -> _Axes:
    values = [end for one in shown for _, number in one.points for end in _ends(number)]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if what.part.kind in ("share", "people"):
        room = max(0.02, 0.08 * (high - low))
        low, high = max(0.0, low - room), min(1.0, high + room)
    else:
        low, high = 0.0, (high or 1.0) * 1.08
    start = _midnight(what.since.astimezone(UTC).date())
    end = max(what.until, start + timedelta(days=1))
    return _Axes(low=low, high=high, start=start.timestamp(), end=end.timestamp())


def _ends(one: Measured) -> list[float]:
    """Value and interval, the ends of small samples aside: they would flatten all others."""
    ends = (one.low, one.value, one.high) if one.n >= FEW else (one.value,)
    return [end for end in ends if end is not None]


def _grid(axes: _Axes, what: Chart) -> Iterator[str]:
    right, base = WIDTH - _RIGHT, _TOP + PLOT
    for value in ticks(axes.low, axes.high):
        y = axes.y(value)
        said = value_of(
            Measured(name=what.part.name, kind=_kind(what.part), n=FEW, value=value, unit=what.part.unit)
        )
        yield (
            f'<line x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor" opacity=".15"/>'
            f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" opacity=".8">{escape(said)}</text>'
        )
    day, days = datetime.fromtimestamp(axes.start, UTC), max(1, round((axes.end - axes.start) / 86400))
    step = max(1, math.ceil(days / 8))
    for n in range(0, days, step):
        at = day + timedelta(days=n)
        yield (
            f'<text x="{axes.x(at):.1f}" y="{base + 18}" text-anchor="middle" opacity=".8">{at:%b} {at.day}</text>'
        )
    yield f'<line x1="{_LEFT}" x2="{right}" y1="{base}" y2="{base}" stroke="currentColor" opacity=".6"/>'


def _drawn(n: int, one: Series, axes: _Axes, currency: str) -> Iterator[str]:
    """Bands and lines over days that follow each other and have enough; a point a day, hollow for a few."""
    color, dash = _COLORS[n], _DASHES[n]
    measured = [(day, number) for day, number in one.points if number.value is not None]
    enough = [(day, number) for day, number in measured if number.n >= FEW]
    for _, run in groupby(enumerate(enough), key=lambda at: at[1][0].toordinal() - at[0]):
        days = [(_noon(day), number) for _, (day, number) in run]
        yield from _band(days, axes, color)
        line = " ".join(f"{axes.x(at):.1f},{axes.y(number.value or 0.0):.1f}" for at, number in days)
        paint = f'stroke="{color}" stroke-width="2" stroke-dasharray="{dash}"'
        yield f'<polyline points="{line}" fill="none" {paint}/>'
    for day, number in measured:
        said = f"{one.name}, {day}: {value_of(number, currency)} {interval_of(number)}".rstrip()
        x, y = axes.x(_noon(day)), axes.y(number.value or 0.0)
        yield _point(n, x, y, hollow=number.n < FEW, title=said)


def _band(days: Sequence[tuple[datetime, Measured]], axes: _Axes, color: str) -> Iterator[str]:
    """Of a single day an upright line; an open end reaches to the edge."""
    if not days or days[0][1].kind == "sum":
        return
    highs = [(axes.x(at), axes.y(axes.high if one.high is None else one.high)) for at, one in days]
    lows = [(axes.x(at), axes.y(axes.low if one.low is None else one.low)) for at, one in days]
    if len(days) == 1:
        yield (
            f'<line x1="{highs[0][0]:.1f}" x2="{lows[0][0]:.1f}" y1="{highs[0][1]:.1f}" y2="{lows[0][1]:.1f}" '
            f'stroke="{color}" stroke-width="5" opacity=".25"/>'
        )
        return
    outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in [*highs, *reversed(lows)])
    yield f'<polygon points="{outline}" fill="{color}" opacity=".18"/>'


def _point(n: int, x: float, y: float, *, hollow: bool, title: str) -> str:
    color = _COLORS[n]
    fill = "none" if hollow else color
    paint = f'fill="{fill}" stroke="{color}" stroke-width="1.5"'
    inside = f"<title>{escape(title)}</title>"
    match n % 4:
        case 0:
            return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" {paint}>{inside}</circle>'
        case 1:
            return f'<rect x="{x - 3.2:.1f}" y="{y - 3.2:.1f}" width="6.4" height="6.4" {paint}>{inside}</rect>'
        case 2:
            corners = f"{x:.1f},{y - 4.5:.1f} {x + 4.2:.1f},{y + 3:.1f} {x - 4.2:.1f},{y + 3:.1f}"
        case _:
            corners = f"{x:.1f},{y - 4.5:.1f} {x + 4.5:.1f},{y:.1f} {x:.1f},{y + 4.5:.1f} {x - 4.5:.1f},{y:.1f}"
    return f'<polygon points="{corners}" {paint}>{inside}</polygon>'


def _mark_lines(marks: Sequence[Mark], axes: _Axes) -> Iterator[str]:
    """A dashed line each, with its number above; numbers that would touch stand in a second row."""
    last, row = -math.inf, 0
    for n, mark in enumerate(marks, start=1):
        x = axes.x(mark.at)
        row = (row + 1) % 2 if x - last < 18 else 0
        last = x
        y = 10 + 16 * row
        said = escape(f"{mark.at:%Y-%m-%d %H:%M}: {mark.label}")
        yield (
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y + 8}" y2="{_TOP + PLOT}" stroke="currentColor" '
            f'stroke-dasharray="3 3" opacity=".7"><title>{said}</title></line>'
            f'<circle cx="{x:.1f}" cy="{y}" r="8" fill="none" stroke="currentColor"><title>{said}</title></circle>'
            f'<text x="{x:.1f}" y="{y + 4}" text-anchor="middle" font-size="11">{n}</text>'
        )


def _legend(shown: Sequence[Series], marks: Sequence[Mark], currency: str) -> Iterator[str]:
    y = _TOP + PLOT + 28 + 12
    for n, one in enumerate(shown):
        yield (
            f'<line x1="{_LEFT}" x2="{_LEFT + 30}" y1="{y - 4}" y2="{y - 4}" stroke="{_COLORS[n]}" '
            f'stroke-width="2" stroke-dasharray="{_DASHES[n]}"/>'
            f"{_point(n, _LEFT + 15, y - 4, hollow=False, title=one.name)}"
            f'<text x="{_LEFT + 40}" y="{y}">{escape(f"{one.name} · {_latest(one, currency)}")}</text>'
        )
        y += _LINE
    for n, mark in enumerate(marks, start=1):
        said = escape(_cut(f"{mark.at:%b %d %H:%M} · {mark.kind} · {mark.label}", 96))
        yield (
            f'<circle cx="{_LEFT + 15}" cy="{y - 4}" r="8" fill="none" stroke="currentColor"/>'
            f'<text x="{_LEFT + 15}" y="{y}" text-anchor="middle" font-size="11">{n}</text>'
            f'<text x="{_LEFT + 40}" y="{y}">{said}</text>'
        )
        y += _LINE


def _latest(one: Series, currency: str) -> str:
    if not one.points:
        return "nothing measured"
    day, number = one.points[-1]
    return f"{day}: {value_of(number, currency)} {interval_of(number)}".rstrip()


def _in_words(what: Chart, shown: Sequence[Series], marks: Sequence[Mark]) -> str:
    said = [f"{what.part.name}: {what.part.says}, by day, with 95 % intervals."]
    said += [f"{one.name}, last on {_latest(one, what.currency)}." for one in shown]
    said += [f"Mark {n}, {mark.at:%Y-%m-%d %H:%M}: {mark.label}." for n, mark in enumerate(marks, start=1)]
    return " ".join(said)


def ticks(low: float, high: float) -> list[float]:
    """Round values within [low, high], three to seven of them."""
    span = max(high - low, 1e-12)
    power = 10.0 ** math.floor(math.log10(span / 4))
    step = next(one * power for one in (1.0, 2.0, 2.5, 5.0, 10.0) if span / (one * power) <= 6)
    first = math.ceil(low / step - 1e-9)
    return [n * step for n in range(first, math.floor(high / step + 1e-9) + 1)]


def _kind(part: Part) -> str:
    return "share" if part.kind == "people" else part.kind


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _noon(day: date) -> datetime:
    return _midnight(day) + timedelta(hours=12)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
