"""What people said of answers and tasks, and the numbers that come of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from answerable.adapters.postgres.tallies import DIMENSIONS, LABELED
from answerable.app.metrics.combined import of_estimate
from answerable.evals.stats.corrected import MIN_LABELS, Judged, human_only, ppi_from
from answerable.evals.stats.stratified import Stratum, stratified_rate
from answerable.monitor.measured import Measured

HARMS = ("inappropriate", "incorrect", "damaging")
DECLINED = frozenset({"abstained", "escalated"})
UNSHOWN = DECLINED | {"blocked", "failed", "too_long", "out_of_scope"}
SAID = ("yes", "no")
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One answer that a person read. `weight`: 1 / chance of having been drawn; `score`: the model's word.

    `completed`, `needed_person`, `answerable`: yes, no, unsure, empty. `harm`: none, a kind; empty: not asked.
    """

    task: str = ""
    answers: int = 1  # of its task
    score: float = 0.5
    escalated: bool = False
    outcome: str = ""
    weight: float = 1.0
    stratum: str = ""
    completed: str = ""
    needed_person: str = ""
    answerable: str = ""
    harm: str = ""
    severity: str = ""
    key: Key = ()

    @property
    def harmful(self) -> bool | None:
        """Whether it was; None: not asked."""
        return None if self.harm not in (*HARMS, "none") else self.harm != "none"


def label_of(row: Sequence[Any], by: Sequence[str]) -> Label:
    """A row of `PostgresTallies.labels`."""
    said = dict(zip(LABELED, row[len(DIMENSIONS) :], strict=True))
    key = tuple(row[DIMENSIONS.index(name)] for name in by)
    return Label(**{**said, "weight": max(1e-9, said["weight"])}, key=key)


def completed(labels: Sequence[Label], judged: Judged | None) -> Measured:
    """The share of completed tasks: PPI++ from MIN_LABELS on, else the people's sample alone."""
    found = by_task([one for one in labels if one.completed in SAID])
    said = [one.completed == "yes" for one in found]
    unmeasured = (judged.n if judged else 0) - len(found)
    if not found or judged is None or not judged.n:
        return Measured(name="corrected", kind="people", n=0, k=0, unmeasured=max(0, unmeasured))
    if len(found) < MIN_LABELS or judged.n < len(found):
        return of_people("corrected", found, said, unmeasured=max(0, unmeasured))
    estimate = ppi_from(said, [one.score for one in found], judged, probabilities=chances(found))
    return of_estimate("corrected", "corrected", estimate, k=sum(said), unmeasured=max(0, unmeasured))


def of_people(name: str, labels: Sequence[Label], said: Sequence[bool], *, unmeasured: int = 0) -> Measured:
    """The share of yes, weighted by the chance of having been drawn."""
    if not labels:
        return Measured(name=name, kind="people", n=0, k=0, unmeasured=unmeasured)
    found = human_only(said, probabilities=chances(labels))
    return of_estimate(name, "people", found, k=sum(said), unmeasured=unmeasured)


def share_of_people(
    name: str, labels: Sequence[Label], *, among: Callable[[Label], bool], found: Callable[[Label], bool]
) -> Measured:
    """P(found | among)."""
    domain = [one for one in labels if among(one)]
    return of_people(name, domain, [found(one) for one in domain])


def harmful(name: str, labels: Sequence[Label], found: Callable[[Label], bool]) -> Measured:
    """The rate of harm among answers that were shown, over the strata that they were drawn from."""
    read = [one for one in labels if one.harmful is not None and one.outcome not in UNSHOWN]
    estimate = stratified_rate(_strata(read, found))
    k = sum(found(one) for one in read)
    return of_estimate(name, "harm", estimate, k=k)


def _strata(labels: Sequence[Label], found: Callable[[Label], bool]) -> list[Stratum]:
    strata = []
    for name in sorted({one.stratum for one in labels}):
        of_it = [one for one in labels if one.stratum == name]
        weight = sum(one.weight for one in of_it)
        effective = weight**2 / sum(one.weight**2 for one in of_it)
        share = sum(one.weight for one in of_it if found(one)) / weight
        strata.append(Stratum(name=name, weight=weight, n=effective, found=share * effective))
    return strata


def by_task(labels: Sequence[Label]) -> list[Label]:
    """One a task, weighted by the share of its answers that each was: sum of weight / answers of the task.

    A task with many answers is drawn more often than one with one; sharing its answers' weights makes up for it
    (the weight share method: Lavallée 2007, Indirect Sampling, chapter 2).
    """
    found: dict[str, Label] = {}
    for one in labels:
        if one.task:
            before = found.get(one.task)
            weight = one.weight / max(1, one.answers)
            found[one.task] = (
                replace(one, weight=weight) if before is None else replace(before, weight=before.weight + weight)
            )
    return list(found.values())


def chances(labels: Sequence[Label]) -> list[float] | None:
    """Of having been drawn; None where all are alike."""
    weights = [one.weight for one in labels]
    return None if max(weights) - min(weights) < 1e-9 else [1.0 / one for one in weights]
