"""What a comparison ends in: each setting better, worse, same or can't tell against the base; and the advice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from answerable.evals.stats.estimate import Interval
from answerable.evals.stats.means import mean_interval
from answerable.evals.stats.multiple import holm
from answerable.evals.stats.paired import Difference
from answerable.evals.stats.verdict import Change, judge_change
from answerable.lab.question import Question
from answerable.lab.race import FINAL, Ran, difference
from answerable.lab.reading import Reading

MARGIN = 0.02  # of recall: less than that is no difference that anybody would notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One setting's means over its questions, and how it compares with the base (None: it is the base)."""

    name: str
    n: int
    recall: float
    interval: Interval
    means: Mapping[str, float]  # of the other readings
    difference: Difference | None = None
    p: float | None = None  # adjusted over all comparisons
    change: Change | None = None
    left_early: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Every setting, best first, and which to take; `advice` None: nothing is detectably better than the base."""

    base: str
    standings: tuple[Standing, ...]
    advice: str | None
    clusters: int
    p_least: float  # the smallest p that so many clusters can give, before Holm

    def of(self, name: str) -> Standing:
        """By name; it is one of them."""
        return next(one for one in self.standings if one.name == name)


def conclude(ran: Mapping[str, Ran], questions: Sequence[Question], *, base: str) -> Outcome:
    """Paired differences by cluster against the base, Holm over all of them; see race.py for the levels."""
    others = [name for name in ran if name != base]
    final = {
        name: difference(ran[name].readings, ran[base].readings, questions, confidence=1 - FINAL)
        for name in others
        if ran[name].left is None
    }
    adjusted = holm({name: final[name].p if name in final else 0.0 for name in others})
    standings = [_standing(name, ran[name], questions, final.get(name), adjusted.get(name)) for name in ran]
    standings.sort(key=lambda one: (one.left_early, -one.recall, one.name))
    better = [one for one in standings if one.change is Change.BETTER]
    clusters = len({one.cluster for one in questions})
    return Outcome(
        base=base,
        standings=tuple(standings),
        advice=better[0].name if better else None,
        clusters=clusters,
        p_least=min(1.0, 2.0 ** (1 - clusters)),
    )


def _standing(
    name: str, ran: Ran, questions: Sequence[Question], final: Difference | None, p: float | None
) -> Standing:
    asked = [one for one in questions if one.id in ran.readings]
    readings = [ran.readings[one.id] for one in asked]
    found = mean_interval([one.recall for one in readings], groups=[one.cluster for one in asked])
    if found is None:
        raise ValueError(f"{name} was asked nothing")
    change = Change.WORSE if ran.left else None
    if final is not None and p is not None:
        change = judge_change(final, margin=MARGIN, p=p, alpha=FINAL)
    return Standing(
        name=name,
        n=len(readings),
        recall=found.value,
        interval=found.interval,
        means=_means(readings),
        difference=ran.left or final,
        p=p if final is not None else None,
        change=change,
        left_early=ran.left is not None,
    )


def _means(readings: Sequence[Reading]) -> dict[str, float]:
    return {
        "precision": fmean(one.precision for one in readings),
        "iou": fmean(one.iou for one in readings),
        "ndcg": fmean(one.ndcg for one in readings),
        "mrr": fmean(one.mrr for one in readings),
    }
