"""Latency over time with the phases shaded, and who answered in each phase: a small SVG, by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from asking import Told
from phases import Phase, phase_of
from proof import quantile

WIDTH, HEIGHT, LEFT, TOP, BARS = 920, 330, 56, 34, 46
PLOT = HEIGHT - TOP - BARS - 62
COLORS = {"main": "#2563eb", "backup": "#7c3aed", "extractive": "#0d9488", "no answer": "#dc2626"}


def chart(told: Sequence[Told], phases: Sequence[Phase], *, began: float, deadline_s: float, title: str) -> str:
    """The picture. p50 and p95 of two-second bins; the line is the deadline."""
    seconds, top = phases[-1].end, deadline_s * 1.15
    wide = WIDTH - LEFT - 14

    def x(at: float) -> float:
        return LEFT + wide * at / seconds

    def y(took: float) -> float:
        return TOP + PLOT * (1 - min(took, top) / top)

    parts = [f'<text x="{LEFT}" y="18" font-size="14" font-weight="600">{escape(title)}</text>']
    for phase in phases:
        if phase.dying:
            span = x(phase.end) - x(phase.begin)
            parts.append(
                f'<rect x="{x(phase.begin):.0f}" y="{TOP}" width="{span:.0f}" height="{PLOT}" fill="#fee2e2"/>'
            )
        middle = (x(phase.begin) + x(phase.end)) / 2
        parts.append(f'<text x="{middle:.0f}" y="{TOP + PLOT + 14}" text-anchor="middle">{phase.behavior}</text>')
    for second in range(int(top) + 1):
        parts.append(f'<text x="{LEFT - 8}" y="{y(second) + 4:.0f}" text-anchor="end">{second} s</text>')
        parts.append(f'<path d="M{LEFT} {y(second):.0f}H{WIDTH - 14}" stroke="#d4d4d8" stroke-width=".6"/>')
    parts.append(f'<path d="M{LEFT} {y(deadline_s):.0f}H{WIDTH - 14}" stroke="#52525b" stroke-dasharray="5 4"/>')
    for share, color in ((0.95, "#f59e0b"), (0.5, "#2563eb")):
        points = [f"{x(at):.0f},{y(took):.0f}" for at, took in _bins(told, began, share)]
        parts.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{color}" stroke-width="1.6"/>')
    parts += _bars(told, phases, began, x)
    legend = [("p50", "#2563eb"), ("p95", "#f59e0b"), ("deadline", "#52525b"), *COLORS.items()]
    for place, (name, color) in enumerate(legend):
        parts.append(f'<rect x="{LEFT + place * 116}" y="{HEIGHT - 18}" width="10" height="10" fill="{color}"/>')
        label = name if place < 3 else f"by {name}" if name != "no answer" else name
        parts.append(f'<text x="{LEFT + 15 + place * 116}" y="{HEIGHT - 9}">{label}</text>')
    style = 'font-family="system-ui, sans-serif" font-size="11" fill="#27272a"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {style}>'
    return "\n".join([head, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>', *parts, "</svg>\n"])


def _bins(told: Sequence[Told], began: float, share: float, width_s: float = 2.0) -> list[tuple[float, float]]:
    binned: dict[int, list[float]] = {}
    for one in told:
        binned.setdefault(int((one.at - began) // width_s), []).append(one.took_s)
    return [((place + 0.5) * width_s, quantile(values, share) or 0.0) for place, values in sorted(binned.items())]


def _bars(told: Sequence[Told], phases: Sequence[Phase], began: float, x: object) -> list[str]:
    parts, base = [], TOP + PLOT + 24
    for phase in phases:
        mine = [one for one in told if phase_of(phases, one.at - began) is phase]
        counts = Counter(_color_of(one) for one in mine)
        at = float(base)
        for name, color in COLORS.items():
            high = BARS * counts[name] / max(1, len(mine))
            left, span = x(phase.begin) + 2, x(phase.end) - x(phase.begin) - 4
            parts.append(
                f'<rect x="{left:.0f}" y="{at:.1f}" width="{span:.0f}" height="{high:.1f}" fill="{color}"/>'
            )
            at += high
    return parts


def _color_of(one: Told) -> str:
    if not one.answered:
        return "no answer"
    return next((name for name in ("extractive", "backup") if name in one.by), "main")
