"""What rows come to: passed, failed and unmeasured cases, over all and by category. Never one blended number.

A case asked several times counts once, with the share of its measured repeats that passed: repeats say how steady
an answer is, they are no further evidence about other questions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from answerable.core.evaluation import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """One case over its repeats. `rate` is the share of its measured rows that passed; None: none was measured."""

    case: str
    category: str
    cluster: str
    tags: tuple[str, ...]
    rate: float | None
    measured: int  # rows
    unmeasured: int  # rows that broke

    @property
    def flaky(self) -> bool:
        """The same question passed once and failed once."""
        return self.rate is not None and 0.0 < self.rate < 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Cases, counted. `passed` is the sum of the measured cases' rates: a whole number without repeats."""

    cases: int  # all of them
    measured: int
    passed: float
    flaky: int = 0

    @property
    def unmeasured(self) -> int:
        """Neither passed nor failed: the target or a metric broke, or the run stopped before."""
        return self.cases - self.measured

    @property
    def rate(self) -> float | None:
        """Of the measured cases; None where there is none."""
        return self.passed / self.measured if self.measured else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """A run's rows, counted."""

    overall: Tally
    categories: Mapping[str, Tally]  # by name, in alphabetical order
    results: tuple[CaseResult, ...]  # by case


def aggregate(rows: Sequence[Row], *, cases: Sequence[str] = ()) -> Aggregate:
    """Count rows. `cases` are those of the run: what has no row is unmeasured, in the category "not asked"."""
    results = case_results(rows)
    known = {one.case for one in results}
    missing = [one for one in dict.fromkeys(cases) if one not in known]
    by_category: dict[str, list[CaseResult]] = {}
    for one in results:
        by_category.setdefault(one.category, []).append(one)
    categories = {name: tally(several) for name, several in sorted(by_category.items())}
    if missing:
        categories["not asked"] = Tally(cases=len(missing), measured=0, passed=0.0)
    whole = tally(results)
    overall = Tally(
        cases=whole.cases + len(missing), measured=whole.measured, passed=whole.passed, flaky=whole.flaky
    )
    return Aggregate(overall=overall, categories=categories, results=tuple(results))


def case_results(rows: Sequence[Row]) -> list[CaseResult]:
    """Each case over its repeats, by case id."""
    in_order = sorted(rows, key=lambda row: (row.case, row.repeat))
    return [_result(list(several)) for _, several in groupby(in_order, key=lambda row: row.case)]


def tally(results: Sequence[CaseResult]) -> Tally:
    """Count cases."""
    rates = [one.rate for one in results if one.rate is not None]
    return Tally(
        cases=len(results), measured=len(rates), passed=sum(rates), flaky=sum(one.flaky for one in results)
    )


def _result(rows: Sequence[Row]) -> CaseResult:
    said = [row.passed for row in rows if row.passed is not None]
    first = rows[0]
    return CaseResult(
        case=first.case,
        category=first.category,
        cluster=first.cluster,
        tags=first.tags,
        rate=sum(said) / len(said) if said else None,
        measured=len(said),
        unmeasured=len(rows) - len(said),
    )
