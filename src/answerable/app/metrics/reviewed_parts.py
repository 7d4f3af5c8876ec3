"""What people say of the answers of a version: the second series, and where it agrees with the first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from answerable.app.metrics.measured_parts import people, share
from answerable.core.evaluation import Answered
from answerable.core.review import Batch
from answerable.evals.review.estimate import Drawn, Frame, weighted_rate
from answerable.evals.review.report import rates
from answerable.evals.review.verdicts import Dossier
from answerable.monitor.measured import Measured

CRITERIA = ("grounded", "relevant", "complete", "safe")
DECLINED = "rightly-declined"
_SETTLED = (Answered.YES, Answered.NO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """All batches with the files of the answers in question; `facts` by item."""

    batches: Sequence[Batch]
    files: Sequence[Dossier]
    facts: Mapping[str, Mapping[str, Any]]
    applies: Mapping[str, frozenset[str]]

    def of(self, key: Mapping[str, str]) -> list[Dossier]:
        """Those of answers that are so."""
        return [
            one
            for one in self.files
            if one.item.id in self.facts
            and all(self.facts[one.item.id][name] == value for name, value in key.items())
        ]


def quality_by_people(reviewed: Reviewed, files: Sequence[Dossier]) -> list[Measured]:
    """One number a criterion, and the agreement of people with the automatic check."""
    found = {one.criterion: one for one in rates(reviewed.batches, files, dict(reviewed.applies))}
    numbers = []
    for name in CRITERIA:
        one = found.get(name)
        numbers.append(
            people(name, one.weighted, k=one.yes, unmeasured=one.unsure + one.open)
            if one
            else people(name, None, k=0)
        )
    return [*numbers, _agreement(reviewed, files)]


def refusals_by_people(reviewed: Reviewed, files: Sequence[Dossier]) -> list[Measured]:
    """Over- and under-refusal: the share that was declined of what could be answered, and the other way round."""
    labeled = [(one, answerable) for one in files if (answerable := _answerable(one)) is not None]
    numbers = []
    for name, wanted, found in (
        ("over_refusal", True, _declined),
        ("under_refusal", False, _given),
    ):
        domain = [one for one, answerable in labeled if answerable is wanted]
        numbers.append(_rate(name, reviewed, files, domain, found))
    return numbers


def _rate(
    name: str,
    reviewed: Reviewed,
    files: Sequence[Dossier],
    domain: Sequence[Dossier],
    found: Callable[[Dossier], bool],
) -> Measured:
    by_id = {one.id: one for one in reviewed.batches}
    drawn = Counter(one.item.batch for one in files)
    read = Counter(one.item.batch for one in files if _answerable(one) is not None)
    frames = {batch: Frame(draws=by_id[batch].draws, drawn=drawn[batch], read=read[batch]) for batch in read}
    sample = [
        Drawn(found=found(one), batch=one.item.batch, strata=one.item.strata, probability=one.item.probability)
        for one in domain
    ]
    k = sum(one.found for one in sample)
    return people(name, weighted_rate(sample, frames), k=k, unmeasured=len(files) - read.total())


def _answerable(one: Dossier) -> bool | None:
    """Whether the passages held the answer, by what people said; None where nobody has said so yet."""
    if (said := one.verdict(DECLINED)) in _SETTLED:
        return said is Answered.NO
    if (said := one.verdict("grounded")) in _SETTLED:
        return said is Answered.YES
    return None


def _declined(one: Dossier) -> bool:
    return one.item.outcome in ("abstained", "escalated")


def _given(one: Dossier) -> bool:
    return not _declined(one)


def _agreement(reviewed: Reviewed, files: Sequence[Dossier]) -> Measured:
    """How often the check and the people say the same of whether all is supported."""
    pairs = [
        (reviewed.facts[one.item.id]["unsupported"] == 0, said is Answered.YES)
        for one in files
        if (said := one.verdict("grounded")) in _SETTLED and reviewed.facts[one.item.id]["supported"] > 0
    ]
    return share("agreement", sum(one == other for one, other in pairs), len(pairs))
