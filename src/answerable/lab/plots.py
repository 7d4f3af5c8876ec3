"""Plots as inline SVG: plain shapes in the page's own colors, a title for those who cannot see them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

_LEFT, _WIDTH, _ROW = 190, 460, 26
_HEAD, _FOOT = 8, 26
Values = Mapping[str, Any]


def intervals(settings: Sequence[Values]) -> str:
    """Recall of each setting with its interval, on an axis that holds them all."""
    low, high = min(one["low"] for one in settings), max(one["high"] for one in settings)
    low, high = max(0.0, low - 0.02), min(1.0, high + 0.02)

    def drawn(n: int, one: Values) -> str:
        y = _middle(n)
        kind = "base" if one["base"] else str(one["change"]).replace("'", "").replace(" ", "-")
        a, b, at = (_x(one[key], low, high) for key in ("low", "high", "recall"))
        return (
            f'<line class="range" x1="{a:.1f}" x2="{b:.1f}" y1="{y}" y2="{y}"/>'
            f'<circle class="point {kind}" cx="{at:.1f}" cy="{y}" r="5">'
            f"<title>{one['recall']:.3f}</title></circle>"
        )

    ticks = "".join(
        f'<text class="tick" x="{_x(value, low, high):.1f}" y="{_height(settings) - 6}">{value * 100:.0f} %</text>'
        for value in _ticks(low, high)
    )
    return _plot("Recall within the budget, with 95 % intervals", settings, drawn, ticks)


def bars(settings: Sequence[Values], key: str, title: str, say: Callable[[float], str]) -> str:
    """One bar a setting; what was not measured has none, and says so."""
    largest = max((one[key] or 0.0 for one in settings), default=0.0) or 1.0

    def drawn(n: int, one: Values) -> str:
        value, y = one[key], _middle(n)
        if value is None:
            return f'<text class="tick left" x="{_LEFT}" y="{y + 4}">not measured</text>'
        width = max(1.0, value / largest * (_WIDTH - 90))
        return (
            f'<rect class="bar" x="{_LEFT}" y="{y - 8}" width="{width:.1f}" height="16"/>'
            f'<text class="tick left" x="{_LEFT + width + 6:.1f}" y="{y + 4}">{escape(say(value))}</text>'
        )

    return _plot(title, settings, drawn, "")


def sizes(settings: Sequence[Values]) -> str:
    """How many tokens the chunks of each setting have: a small distribution a row, all on one axis."""
    with_sizes = [one for one in settings if one["histogram"]]
    if not with_sizes:
        return ""
    largest = max(one["tokens"][-1] for one in with_sizes) or 1

    def drawn(n: int, one: Values) -> str:
        bins = one["histogram"]
        top = max(count for _, count in bins)
        width = (bins[1][0] - bins[0][0]) if len(bins) > 1 else largest
        return "".join(
            f'<rect class="bar" x="{_LEFT + start / largest * _WIDTH:.1f}" '
            f'y="{_middle(n) + 11 - 22 * count / top:.1f}" width="{max(1.0, width / largest * _WIDTH - 1):.1f}" '
            f'height="{22 * count / top:.1f}"><title>from {start} tokens: {count}</title></rect>'
            for start, count in bins
            if count
        )

    foot = _height(with_sizes) - 6
    axis = "".join(
        f'<text class="tick" x="{_LEFT + share * _WIDTH:.0f}" y="{foot}">{largest * share:.0f}</text>'
        for share in (0.0, 0.5, 1.0)
    )
    return _plot("Tokens of the chunks", with_sizes, drawn, axis)


def _plot(title: str, settings: Sequence[Values], drawn: Callable[[int, Values], str], axis: str) -> str:
    rows = "".join(
        f'<text class="name" x="{_LEFT - 10}" y="{_middle(n) + 4}">{escape(one["name"])}</text>{drawn(n, one)}'
        for n, one in enumerate(settings)
    )
    size = f"0 0 {_LEFT + _WIDTH + 40} {_height(settings)}"
    said = escape(title)
    return f'<svg viewBox="{size}" role="img" aria-label="{said}"><title>{said}</title>{rows}{axis}</svg>'


def _ticks(low: float, high: float) -> list[float]:
    step = next((one for one in (0.01, 0.02, 0.05, 0.1) if (high - low) / one <= 7), 0.2)
    first = int(low / step) + 1
    return [n * step for n in range(first, int(high / step) + 1)]


def _x(value: float, low: float, high: float) -> float:
    return _LEFT + (value - low) / max(high - low, 1e-9) * _WIDTH


def _middle(n: int) -> int:
    return _HEAD + n * _ROW + _ROW // 2


def _height(settings: Sequence[Values]) -> int:
    return _HEAD + len(settings) * _ROW + _FOOT
