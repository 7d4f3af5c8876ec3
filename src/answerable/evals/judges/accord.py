"""Accord: how far a judge says what people say, on answers that both have judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from answerable.core.evaluation import Answered, Label
from answerable.evals.judges.judgment import Judgment
from answerable.evals.labels import ADJUDICATOR
from answerable.evals.stats.agreement import Detection, agreement, kappa, krippendorff, sensitivity_specificity
from answerable.evals.stats.estimate import Estimate
from answerable.evals.stats.proportions import wilson


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What the judge and what people said of one item; `probability` of its having been drawn, if it was."""

    judge: bool
    people: bool
    probability: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accord:
    """Of one criterion, in one language or in all (empty). None: cannot be computed from these labels."""

    criterion: str
    language: str
    pairs: tuple[Pair, ...]  # both said YES or NO
    agreement: Estimate | None
    kappa: Estimate | None  # judge with people
    detection: Detection  # sensitivity, specificity and base rate, people being right
    people_kappa: Estimate | None  # two people on the same item, over all pairs of people
    people_alpha: Estimate | None  # Krippendorff's, over all people
    unsettled: int  # people said UNSURE, or as many said YES as NO
    unsure: int  # the judge did
    failed: int  # the judge gave no verdict
    flips: Estimate | None = None  # share of items with another verdict when asked again; None: not asked again

    @property
    def n(self) -> int:
        """Items that the figures rest on."""
        return len(self.pairs)

    @property
    def measured(self) -> float | None:
        """The share of settled items on which the judge said YES or NO."""
        asked = self.n + self.unsure + self.failed
        return self.n / asked if asked else None


def accord(
    criterion: str, labels: Sequence[Label], said: Mapping[str, Sequence[Judgment]], *, language: str = ""
) -> Accord:
    """From all labels of the criterion and what the judge said of each item, once for each repeat."""
    labels = [one for one in labels if one.criterion == criterion and one.item in said]
    settled = settle(labels)
    drawn = {one.item: one.probability for one in labels}
    first = {item: said[item][0].verdict for item in settled}
    pairs = tuple(
        Pair(judge=verdict is Answered.YES, people=settled[item], probability=drawn[item])
        for item, verdict in first.items()
        if verdict in (Answered.YES, Answered.NO)
    )
    both = [(one.judge, one.people) for one in pairs]
    ratings = _ratings(labels)
    return Accord(
        criterion=criterion,
        language=language,
        pairs=pairs,
        agreement=agreement(both),
        kappa=kappa(both),
        detection=sensitivity_specificity(both),
        people_kappa=kappa(_people(ratings)),
        people_alpha=krippendorff(ratings),
        unsettled=len({one.item for one in labels} - settled.keys()),
        unsure=sum(verdict is Answered.UNSURE for verdict in first.values()),
        failed=sum(verdict is None for verdict in first.values()),
        flips=_flips([said[item] for item in settled]),
    )


def settle(labels: Sequence[Label]) -> dict[str, bool]:
    """What an adjudicator, else what most said of each item; as many YES as NO, or only UNSURE: left out."""
    decided = {one.item for one in labels if _decides(one)}
    counts: dict[str, Counter[Answered]] = {}
    for one in labels:
        if _decides(one) or one.item not in decided:
            counts.setdefault(one.item, Counter())[one.verdict] += 1
    return {
        item: said[Answered.YES] > said[Answered.NO]
        for item, said in counts.items()
        if said[Answered.YES] != said[Answered.NO]
    }


def _decides(label: Label) -> bool:
    return label.rater.startswith(ADJUDICATOR)


def _ratings(labels: Sequence[Label]) -> dict[str, dict[str, Answered]]:
    """Item → person → word; UNSURE is a word of its own."""
    ratings: dict[str, dict[str, Answered]] = {}
    for one in labels:
        if not _decides(one):  # who has seen the others' words does not agree or differ by chance
            ratings.setdefault(one.item, {})[one.rater] = one.verdict
    return ratings


def _people(ratings: Mapping[str, Mapping[str, Answered]]) -> list[tuple[Answered, Answered]]:
    return [(said[one], said[other]) for said in ratings.values() for one, other in combinations(sorted(said), 2)]


def _flips(said: Sequence[Sequence[Judgment]]) -> Estimate | None:
    """The share of items of which the judge did not say the same each time; unmeasured times are left out."""
    verdicts = [[one.verdict for one in repeats if one.verdict] for repeats in said]
    again = [set(one) for one in verdicts if len(one) > 1]
    if not again:
        return None
    flips, n = sum(len(one) > 1 for one in again), len(again)
    return Estimate(value=flips / n, interval=wilson(flips, n), n=n, method="wilson")
