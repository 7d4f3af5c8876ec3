"""A measure of paired cases becomes a line: mean difference, interval, test, verdict, and what it could see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from answerable.evals.gate.lines import Kind, Line, Terms
from answerable.evals.stats.estimate import Interval
from answerable.evals.stats.multiple import holm
from answerable.evals.stats.paired import Difference, mcnemar, paired_difference
from answerable.evals.stats.power import cases_needed, detectable
from answerable.evals.stats.verdict import Change, judge_change


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Both sides' value of one case."""

    base: float
    head: float
    cluster: str
    identical: bool = False  # nothing that could differ by chance does


def share_line(
    kind: Kind, name: str, cases: Sequence[Measured], *, terms: Terms, unmeasured: int = 0, nothing: str = ""
) -> Line:
    """A line of shares in [0, 1]. Without a case there is nothing to say: can't tell, with n = 0.

    `nothing` says what it means that every case is identical.
    """
    if not cases:
        return Line(kind=kind, name=name, n=0, unmeasured=unmeasured)
    moved, clusters = [one.head - one.base for one in cases], [one.cluster for one in cases]
    difference = paired_difference(moved, clusters, seed=terms.seed)
    line = Line(
        kind=kind,
        name=name,
        n=len(cases),
        unmeasured=unmeasured,
        base=fmean(one.base for one in cases),
        head=fmean(one.head for one in cases),
        difference=difference,
        p=difference.p,
    )
    if kind is Kind.OVERALL:
        more = cases_needed(moved, clusters, effect=terms.tolerance, alpha=terms.alpha)
        line = replace(line, detectable=detectable(moved, clusters, alpha=terms.alpha), more_cases=more)
    if nothing and all(one.identical and one.base == one.head for one in cases):
        return replace(line, change=Change.SAME, note=nothing, unmoved=True)
    return judged(line, p=difference.p, terms=terms)


def judged(line: Line, *, p: float, terms: Terms) -> Line:
    """The line with its verdict at this p: its own, or Holm's."""
    if line.difference is None or line.unmoved:
        return replace(line, p=p)
    change = judge_change(line.difference, margin=terms.margin, p=p, alpha=terms.alpha)
    return replace(line, p=p, change=change)


def with_holm(lines: Sequence[Line], *, terms: Terms) -> tuple[Line, ...]:
    """Several categories at once: each verdict is at the p-value that Holm leaves of it."""
    raw = {line.name: line.p for line in lines if line.p is not None}
    adjusted = holm(raw)
    return tuple(judged(line, p=adjusted[line.name], terms=terms) if line.name in raw else line for line in lines)


def with_flips(line: Line, *, fixed: int, broken: int, exact: bool) -> Line:
    """The line with its flips, and McNemar's exact test where each case was asked once."""
    return replace(line, fixed=fixed, broken=broken, mcnemar=mcnemar(fixed, broken) if exact else None)


def relative_line(kind: Kind, name: str, cases: Sequence[Measured], *, terms: Terms, unmeasured: int = 0) -> Line:
    """Time or money: head's mean over base's, less 1, where less is better.

    The ratio of two means by linearization (Cochran 1977, Sampling Techniques, 6.3): the case's residual is
    (head − ratio · base) / mean base, and its mean has the interval and the test of paired_difference.
    """
    if not cases:
        return Line(kind=kind, name=name, n=0, unmeasured=unmeasured)
    if not (whole := fmean(one.base for one in cases)):
        return _from_nothing(Line(kind=kind, name=name, n=len(cases), unmeasured=unmeasured), cases)
    rise = fmean(one.head for one in cases) / whole - 1
    if len({one.cluster for one in cases}) == 1:
        alone = "one case, or one cluster of cases: no interval can be given"
        head = whole * (1 + rise)
        return Line(kind=kind, name=name, n=len(cases), unmeasured=unmeasured, base=whole, head=head, note=alone)
    difference = _rise(cases, whole=whole, rise=rise, seed=terms.seed)
    return Line(
        kind=kind,
        name=name,
        n=len(cases),
        unmeasured=unmeasured,
        base=whole,
        head=whole * (1 + rise),
        difference=difference,
        p=difference.p,
        change=_less_is_better(difference, terms),
    )


def _from_nothing(line: Line, cases: Sequence[Measured]) -> Line:
    """Nothing on both sides is the same; of something there is no relative rise over nothing."""
    head = fmean(one.head for one in cases)
    if not head:
        return replace(line, base=0.0, head=0.0, change=Change.SAME, note="nothing on both sides", unmoved=True)
    return replace(line, base=0.0, head=head, note="base is 0: there is no relative rise")


def _rise(cases: Sequence[Measured], *, whole: float, rise: float, seed: int) -> Difference:
    """The residuals around 0 give the interval's form; the residuals around no rise give the test."""
    clusters = [one.cluster for one in cases]
    around = [(one.head - (1 + rise) * one.base) / whole for one in cases]
    scale = max((abs(value) for value in around), default=0.0) or 1e-9
    found = paired_difference([value / scale for value in around], clusters, seed=seed)
    low, high = rise + scale * found.interval.low, rise + scale * found.interval.high
    moved = [(one.head - one.base) / whole for one in cases]
    largest = max(abs(value) for value in moved) or 1.0
    p = paired_difference([value / largest for value in moved], clusters, seed=seed).p
    interval = Interval(low=low, high=high, confidence=found.interval.confidence)
    return Difference(mean=rise, interval=interval, p=p, n=found.n, clusters=found.clusters)


def _less_is_better(difference: Difference, terms: Terms) -> Change:
    change = judge_change(difference, margin=terms.relative_margin, p=difference.p, alpha=terms.alpha)
    turned = {Change.BETTER: Change.WORSE, Change.WORSE: Change.BETTER}
    return turned.get(change, change)
