"""The picture of the rollout simulation: how many runs had been rolled back after how many answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FIGURE = Path("docs/images/rollouts.svg")
_WIDTH, _HEIGHT, _LEFT, _TOP, _PANEL, _BOTTOM = 860, 330, 55, 50, 350, 265
_LINES = (
    ("fixed_test_at_every_look", "95 % test of two shares, at every look", "#c0504d"),
    ("ours", "this test", "#1f4e79"),
)
_PANELS = (
    ("no difference, persons alike", "No difference: rolled back wrongly"),
    ("drop of 10 points, persons alike", "Completion 10 points lower: rolled back"),
)


def picture(worlds: Sequence[Mapping[str, Any]]) -> str:
    """Two panels at a share of 10 %, persons alike: nothing wrong on the left, a drop on the right."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        'font-size="12" role="img">',
        "<title>Share of 1,000 simulated rollouts that were rolled back, by number of answers</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
    ]
    for place, (name, title) in enumerate(_PANELS):
        world = next(one for one in worlds if one["world"]["name"] == name and one["world"]["share"] == 0.1)
        parts += _panel(world, title, _LEFT + place * (_PANEL + 55))
    for place, (_, label, color) in enumerate(_LINES):
        x = _LEFT + 300 * place
        parts.append(f'<line x1="{x}" y1="312" x2="{x + 24}" y2="312" stroke="{color}" stroke-width="3"/>')
        parts.append(f'<text x="{x + 30}" y="316">{label}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(world: Mapping[str, Any], title: str, left: int) -> list[str]:
    curves, runs = world["by_answers"], world["runs"]
    last = curves["answers"][-1]
    parts = [f'<text x="{left}" y="{_TOP - 18}" font-weight="bold">{title}</text>']
    for percent in (0, 25, 50, 75, 100):
        y = _y(percent / 100.0)
        parts.append(f'<line x1="{left}" y1="{y}" x2="{left + _PANEL}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{percent} %</text>')
    for answers in range(0, last + 1, last // 4):
        x = left + round(_PANEL * answers / last)
        parts.append(f'<text x="{x}" y="{_BOTTOM + 18}" text-anchor="middle">{answers:,}</text>')
    parts.append(f'<text x="{left + _PANEL / 2:.0f}" y="{_BOTTOM + 34}" text-anchor="middle">answers</text>')
    five = _y(0.05)
    parts.append(
        f'<line x1="{left}" y1="{five}" x2="{left + _PANEL}" y2="{five}" stroke="#333" stroke-dasharray="4 3"/>'
    )
    for name, _, color in _LINES:
        points = " ".join(
            f"{left + _PANEL * answers / last:.1f},{_y(k / runs)}"
            for answers, k in zip(curves["answers"], curves[name], strict=True)
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2.5"/>')
    return parts


def _y(share: float) -> float:
    return round(_BOTTOM - share * (_BOTTOM - _TOP), 1)
