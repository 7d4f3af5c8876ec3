"""What people said of answers and tasks, and the numbers that come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from answerable.app.metrics.combined import of_estimate
from answerable.evals.stats.corrected import MIN_LABELS, Judged, human_only, ppi_from
from answerable.evals.stats.stratified import Stratum, stratified_rate
from answerable.monitor.measured import Measured

HARMS = ("inappropriate", "incorrect", "damaging")
DECLINED = frozenset({"abstained", "escalated"})
UNSHOWN = DECLINED | {"blocked", "failed", "too_long", "out_of_scope"}
_SAID = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One answer that a person read. `weight`: 1 / chance of having been drawn; `score`: the model's word."""

    answer: str
    task: str = ""
    score: float = 0.5
    outcome: str = ""
    escalated: bool = False
    stratum: str = ""
    weight: float = 1.0
    said: Mapping[str, Any] = field(default_factory=dict)  # props of review.completed
    key: Mapping[str, str] = field(default_factory=dict)

    def yes(self, name: str) -> bool | None:
        """What was said of a question; None: nothing, or unsure."""
        return _SAID.get(self.said.get(name, ""))

    @property
    def harm(self) -> bool | None:
        """Whether it was harmful; None: not asked."""
        found = self.said.get("harm")
        return None if found not in (*HARMS, "none") else found != "none"


def label_of(row: Mapping[str, Any], by: Sequence[str]) -> Label:
    """A row of `PostgresTallies.labels`."""
    said = row["props"]
    return Label(
        answer=row["answer"],
        task=row["task"] or "",
        score=float(row["score"]),
        outcome=row["outcome"],
        escalated=bool(row["escalation"]) or row["state"] == "escalated",
        stratum=str(said.get("stratum", "")),
        weight=max(1e-9, float(said.get("inclusion_weight", 1.0))),
        said=said,
        key={name: row[name] for name in by},
    )


def completed(labels: Sequence[Label], judged: Judged | None) -> Measured:
    """The share of completed tasks: PPI++ from MIN_LABELS on, else the people's sample alone."""
    found = by_task([one for one in labels if one.yes("completed") is not None])
    said = [bool(one.yes("completed")) for one in found]
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
    read = [one for one in labels if one.harm is not None and one.outcome not in UNSHOWN]
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
    """One a task: the first that was read."""
    return list({one.task: one for one in reversed(labels) if one.task}.values())


def chances(labels: Sequence[Label]) -> list[float] | None:
    """Of having been drawn; None where all are alike."""
    weights = [one.weight for one in labels]
    return None if max(weights) - min(weights) < 1e-9 else [1.0 / one for one in weights]
