"""Labels from people's reviews: only of answers that this system made, and only where all such were given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from answerable.core.evaluation import Answered
from answerable.core.outcome import Outcome
from answerable.evals.abstain.answers import Scored
from answerable.evals.review.verdicts import Dossier

_WRONG = ("grounded", "relevant", "complete", "safe")  # a NO of people to one of these


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A reviewed question, and the threshold that was in force when it was asked."""

    scored: Scored
    bar: float


def reviewed(file: Dossier, trace: Mapping[str, Any]) -> Reviewed | None:
    """What people settled of an answer. None: unmeasured, as they differ, are unsure or have not read it.

    An answer made the cheaper way (degraded) is unmeasured too: no certificate covers such a one.
    """
    item = file.item
    bars = [one["detail"]["threshold"] for one in trace["steps"] if "threshold" in one["detail"]]
    if item.score is None or not bars or trace["degraded"]:
        return None
    wrong = None
    if Outcome(item.outcome).answers:
        wrong = _wrong(file)
        if wrong is None:
            return None
    scored = Scored(score=item.score, wrong=wrong, language=item.language, id=item.answer_id)
    return Reviewed(scored=scored, bar=float(bars[-1]))


def _wrong(file: Dossier) -> bool | None:
    said = {name: file.verdict(name) for name in _WRONG if file.said(name)}
    if Answered.NO in said.values():
        return True
    settled = bool(said) and all(one is Answered.YES for one in said.values())
    return False if settled else None


def above_all_bars(found: Iterable[Reviewed]) -> Sequence[Scored]:
    """As labels, none below the highest threshold that was ever in force.

    Below it some answers were withheld and nobody knows what they would have been: those that were given came from
    other times, so that the sure ones are too many among all. They count as questions and not as labels.
    """
    every = list(found)
    least = max((one.bar for one in every), default=0.0)
    return [one.scored if one.scored.score >= least else replace(one.scored, wrong=None) for one in every]
