"""Two results side by side, case by case: which cases were mended, which broke, and whether that says anything."""

from __future__ import annotations

from dataclasses import dataclass

from answerable.evals.behavior.results import CaseResult, Results
from answerable.evals.stats.paired import Difference, mcnemar, paired_difference
from answerable.evals.stats.verdict import Change, judge_change

MARGIN = 0.02  # as [eval] margin: 2 points
ALPHA = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`head` against `base` on the cases that both were measured on. `difference` None: on none."""

    base: str
    head: str
    n: int
    mended: tuple[str, ...]
    broken: tuple[str, ...]
    difference: Difference | None
    change: Change
    p: float  # McNemar's, exact

    @property
    def sentence(self) -> str:
        """In words, the verdict first."""
        if self.difference is None:
            return f"{self.head} against {self.base}: no case was measured with both"
        counted = f"{len(self.mended)} mended, {len(self.broken)} broken, of {self.n} cases"
        interval = self.difference.interval
        points = f"{_points(interval.low)} to {_points(interval.high)} points, 95 %"
        return f"{self.head} against {self.base}: {self.change.value}; {counted} ({points})"


def compare(base: Results, head: Results) -> Comparison:
    """By the gate's own statistics, each case its own cluster. Few cases usually cannot tell."""
    before = {one.sha256: one for one in base.cases if one.passed is not None}
    pairs = [(before[one.sha256], one) for one in head.cases if one.passed is not None and one.sha256 in before]
    mended = _changed(pairs, now=True)
    broken = _changed(pairs, now=False)
    difference = None
    change = Change.CANT_TELL
    if pairs:
        moved = [float(bool(now.passed)) - float(bool(then.passed)) for then, now in pairs]
        difference = paired_difference(moved, [now.id for _, now in pairs])
        change = judge_change(difference, margin=MARGIN, p=difference.p, alpha=ALPHA)
    return Comparison(
        base=_name(base, head),
        head=_name(head, base),
        n=len(pairs),
        mended=mended,
        broken=broken,
        difference=difference,
        change=change,
        p=mcnemar(len(mended), len(broken)),
    )


def _name(one: Results, other: Results) -> str:
    return one.prompt if one.prompt != other.prompt else f"{one.prompt} with {one.model}"


def _changed(pairs: list[tuple[CaseResult, CaseResult]], *, now: bool) -> tuple[str, ...]:
    return tuple(head.id for base, head in pairs if bool(head.passed) is now and bool(base.passed) is not now)


def _points(share: float) -> str:
    return f"{100 * share:+.0f}"
