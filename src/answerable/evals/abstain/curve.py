"""The risk–coverage curve: how often answers are wrong, if only the surest share of questions is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from answerable.evals.abstain.answers import Scored

_WIDTH, _HEIGHT, _MARGIN = 640, 320, 48
_BAR = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Answering what scores at least `threshold`."""

    threshold: float
    coverage: float  # answers given / questions asked
    risk: float  # wrong / answers given
    n: int


def curve(answers: Sequence[Scored]) -> list[Point]:
    """One point a score at which an answer was given, the surest first."""
    ranked = sorted((one for one in answers if one.wrong is not None), key=lambda one: -one.score)
    points, wrong = [], 0
    for n, one in enumerate(ranked, start=1):
        wrong += bool(one.wrong)
        if n == len(ranked) or ranked[n].score < one.score:
            points.append(Point(threshold=one.score, coverage=n / len(answers), risk=wrong / n, n=n))
    return points


def text_plot(points: Sequence[Point], *, alpha: float, rows: int = 10) -> list[str]:
    """Lines for a terminal: a bar for the risk at each tenth of the answers, with a mark at alpha."""
    if not points:
        return []
    chosen = [points[round(place * (len(points) - 1) / max(1, rows - 1))] for place in range(rows)]
    most = max(alpha * 2, *(one.risk for one in chosen))
    mark = round(_BAR * alpha / most)
    lines = ["threshold  answered  wrong"]
    for one in dict.fromkeys(chosen):
        bar = ("#" * round(_BAR * one.risk / most)).ljust(_BAR)
        bar = bar[:mark] + "|" + bar[mark:]
        lines.append(f"{one.threshold:>9.3f}  {100 * one.coverage:>6.1f} %  {bar} {_wrong(one)}")
    return lines


def _wrong(one: Point) -> str:
    return f"{round(one.risk * one.n)} of {one.n}"


def svg_plot(points: Sequence[Point], *, alpha: float, thresholds: Sequence[float] = ()) -> str:
    """A picture that stands alone: coverage to the right, risk up, alpha as a line, the chosen points as dots."""
    most = max([2 * alpha, *(one.risk for one in points)])

    def at(coverage: float, risk: float) -> str:
        x = _MARGIN + coverage * (_WIDTH - 2 * _MARGIN)
        y = _HEIGHT - _MARGIN - risk / most * (_HEIGHT - 2 * _MARGIN)
        return f"{x:.1f},{y:.1f}"

    path = " ".join(at(one.coverage, one.risk) for one in points)
    chosen = [min(points, key=lambda one: abs(one.threshold - wanted)) for wanted in thresholds if points]
    dots = "".join(
        '<circle cx="{}" cy="{}" r="4"/>'.format(*at(one.coverage, one.risk).split(",")) for one in chosen
    )
    left, right = at(0, alpha), at(1, alpha)
    base = _HEIGHT - _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif"'
        ' font-size="12" role="img"><title>Wrong answers by share of questions answered</title>'
        f'<polyline points="{at(0, most)} {at(0, 0)} {at(1, 0)}" fill="none" stroke="#555"/>'
        f'<polyline points="{left} {right}" fill="none" stroke="#b00" stroke-dasharray="4 4"/>'
        f'<polyline points="{path}" fill="none" stroke="#06c" stroke-width="2"/>{dots}'
        f'<text x="{_MARGIN}" y="{base + 32}">questions answered, 0 to 100 %</text>'
        f'<text x="{_MARGIN}" y="{_MARGIN - 16}">wrong among answers, 0 to {100 * most:.0f} %; '
        f"dashed: {100 * alpha:g} %</text></svg>\n"
    )
