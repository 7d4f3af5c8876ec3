"""What the cases cover: how many there are of each category and language, and how their number grew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from answerable.core.evaluation import EvalCase

ENOUGH = 5  # with five of five passed, the pass rate may still be as low as 48 % (exact, 95 %)
SYNTHETIC = ("typo", "paraphrase", "language", "negation", "document")  # made by a rule, accepted by a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Counts. `thin` are the categories and languages with fewer than ENOUGH cases."""

    cases: int
    languages: tuple[str, ...]
    cells: Mapping[tuple[str, str], int]  # (category, language) → cases
    outcomes: Mapping[tuple[str, str], int]  # (category, outcome) → cases
    origins: Mapping[str, int]  # person | trace | kind of suggestion → cases
    sizes: Sequence[tuple[date, int]] = field(default_factory=tuple)  # by day, the number of cases from then on

    @property
    def categories(self) -> list[str]:
        """By size, largest first."""
        totals: Counter[str] = Counter()
        for (category, _), count in self.cells.items():
            totals[category] += count
        return [name for name, _ in sorted(totals.items(), key=lambda one: (-one[1], one[0]))]

    @property
    def thin(self) -> list[tuple[str, str, int]]:
        """Cells with some cases, and fewer than ENOUGH."""
        return sorted((*cell, count) for cell, count in self.cells.items() if 0 < count < ENOUGH)

    @property
    def synthetic(self) -> int:
        """Cases that a rule made, which should stay the smaller part."""
        return sum(count for origin, count in self.origins.items() if origin in SYNTHETIC)


def coverage(cases: Sequence[EvalCase], *, sizes: Sequence[tuple[date, int]] = ()) -> Coverage:
    """Count the cases; without a history of sizes, their own dates tell it."""
    return Coverage(
        cases=len(cases),
        languages=tuple(sorted({one.language for one in cases})),
        cells=Counter((one.category, one.language) for one in cases),
        outcomes=Counter((one.category, str(one.expect.outcome or "any")) for one in cases),
        origins=Counter(origin_of(one) for one in cases),
        sizes=tuple(sizes) or sizes_by_origin(cases),
    )


def origin_of(case: EvalCase) -> str:
    """Where a case comes from: a person, a trace, an import, or the kind of suggestion that it was."""
    if kind := case.origin.get("kind"):
        return str(kind)
    return "trace" if case.origin.get("trace") else "person"


def sizes_by_origin(cases: Sequence[EvalCase]) -> tuple[tuple[date, int], ...]:
    """The number of today's cases that were there on each day, by `origin.date`, else the confirmation."""
    days = Counter(day for one in cases if (day := _born(one)))
    total, grown = sum(1 for one in cases if _born(one) is None), []
    for day, count in sorted(days.items()):
        total += count
        grown.append((day, total))
    return tuple(grown)


def sizes_by_changes(changes: Sequence[tuple[date, int]]) -> tuple[tuple[date, int], ...]:
    """(day, cases more or fewer) in any order → the number of cases from each day on."""
    by_day: Counter[date] = Counter()
    for day, change in changes:
        by_day[day] += change
    total, grown = 0, []
    for day, change in sorted(by_day.items()):
        total += change
        grown.append((day, total))
    return tuple(grown)


def _born(case: EvalCase) -> date | None:
    given = case.origin.get("date")
    if isinstance(given, str):
        try:
            return date.fromisoformat(given[:10])
        except ValueError:
            return case.confirmed
    return given if isinstance(given, date) else case.confirmed
