"""What one side of a comparison came to, case by case: repeats are averaged within the case first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from answerable.core.evaluation import Row, Status

DIGITS = 6  # of a score: as many as a baseline keeps, so that what is equal stays equal


@dataclass(frozen=True, slots=True, kw_only=True)
class Averaged:
    """One case with its repeats. Rates, scores and times are means over the repeats that were measured."""

    case: str
    category: str
    cluster: str
    tags: tuple[str, ...] = ()
    passes: int = 0
    fails: int = 0
    unmeasured: int = 0
    scores: Mapping[str, float] = field(default_factory=dict)  # in [0, 1], by name
    broken_scores: frozenset[str] = frozenset()  # scored in no repeat, and an error in one
    latency_ms: float | None = None
    cost: float | None = None  # of one answer; None: no price, or not one that was answered
    rows: tuple[Row, ...] = ()  # by repeat

    @property
    def rate(self) -> float | None:
        """The share of measured repeats that passed; None where none was measured."""
        measured = self.passes + self.fails
        return self.passes / measured if measured else None

    @property
    def passed(self) -> bool | None:
        """Whether most of the measured repeats passed: a tie has not. None where none was measured."""
        return self.passes > self.fails if self.passes + self.fails else None

    @property
    def mixed(self) -> bool:
        """Passed and failed, asked the same."""
        return bool(self.passes and self.fails)


def average(rows: Sequence[Row]) -> dict[str, Averaged]:
    """By case, in the order of their ids; the order of the rows is of no account."""
    grouped: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row.case].append(row)
    return {case: _one(sorted(grouped[case], key=lambda row: row.repeat)) for case in sorted(grouped)}


def _one(rows: list[Row]) -> Averaged:
    first, answered = rows[0], [row for row in rows if not row.error]
    scored = _values(rows)
    costs = [float(row.cost) for row in answered if row.cost is not None]
    return Averaged(
        case=first.case,
        category=first.category,
        cluster=first.cluster,
        tags=first.tags,
        passes=sum(row.passed is True for row in rows),
        fails=sum(row.passed is False for row in rows),
        unmeasured=sum(row.passed is None for row in rows),
        scores={name: fmean(values) for name, values in sorted(scored.items())},
        broken_scores=_errors(rows) - set(scored),
        latency_ms=fmean(row.latency_ms for row in answered) if answered else None,
        cost=fmean(costs) if costs else None,
        rows=tuple(rows),
    )


def _values(rows: list[Row]) -> dict[str, list[float]]:
    found: defaultdict[str, list[float]] = defaultdict(list)
    for row in rows:
        for score in row.scores:
            if score.value is not None:
                found[score.name].append(round(score.value, DIGITS))
    return found


def _errors(rows: list[Row]) -> frozenset[str]:
    return frozenset(score.name for row in rows for score in row.scores if score.status is Status.ERROR)
