"""A judgment: what a judge said of an answer, or why it said nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from answerable.core.evaluation import Answered, Score, Status
from answerable.evals.judges.defusing import defused
from answerable.evals.judges.identity import JudgeIdentity

PREFIX = "judge:"  # of the score's name, before the criterion
_VALUES = {Answered.YES: 1.0, Answered.NO: 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgment:
    """`verdict` None: unmeasured, `error` says why; with `not_asked` the criterion does not apply instead."""

    verdict: Answered | None = None
    why: str = ""
    evidence: tuple[tuple[str, bool], ...] = ()  # quotes, and whether the material holds them
    error: str = ""
    not_asked: str = ""
    models: tuple[str, ...] = ()  # as the providers reported them
    cost: Decimal = Decimal(0)  # of asking; 0 where it was remembered
    unpriced: bool = False  # the model has no price, so `cost` says nothing
    remembered: bool = False
    members: tuple[Judgment, ...] = ()  # of a panel

    @property
    def disagreement(self) -> bool:
        """Whether a panel's members said different things: for people to look at."""
        return len({one.verdict for one in self.members if one.verdict}) > 1

    def score(self, identity: JudgeIdentity) -> Score:
        """YES is 1, NO is 0. UNSURE is no measurement, and neither is a reply that nobody could read."""
        name = f"{PREFIX}{identity.criterion}"
        if self.not_asked:
            return Score(name=name, status=Status.NOT_APPLICABLE, reason=self.not_asked)
        detail = self._detail(identity)
        if self.verdict is None or self.verdict is Answered.UNSURE:
            reason = self.error or f"unsure: {self.why}"
            return Score(name=name, status=Status.ERROR, reason=f"unmeasured: {reason}", detail=detail)
        return Score(name=name, value=_VALUES[self.verdict], reason=self.why, detail=detail)

    def _detail(self, identity: JudgeIdentity) -> dict[str, Any]:
        detail: dict[str, Any] = {
            "verdict": self.verdict.value if self.verdict else None,
            "judge": identity.digest,
            "evidence": [{"quote": quote, "found": found} for quote, found in self.evidence],
            "models": list(self.models),
            "cost": None if self.unpriced else str(self.cost),
            "remembered": self.remembered,
        }
        if self.members:
            detail["panel"] = [one.verdict.value if one.verdict else one.error for one in self.members]
            detail["disagreement"] = self.disagreement
        return detail


def to_record(judgment: Judgment) -> dict[str, Any]:
    """What is kept of a verdict; an error is never kept."""
    return {
        "verdict": judgment.verdict.value if judgment.verdict else None,
        "why": judgment.why,
        "evidence": [[quote, found] for quote, found in judgment.evidence],
        "models": list(judgment.models),
        "cost": None if judgment.unpriced else str(judgment.cost),
    }


def from_record(record: Mapping[str, Any]) -> Judgment:
    """A verdict that was kept; it costs nothing now."""
    return Judgment(
        verdict=Answered(record["verdict"]),
        why=str(record["why"]),
        evidence=tuple((str(quote), bool(found)) for quote, found in record["evidence"]),
        models=tuple(str(model) for model in record["models"]),
        remembered=True,
    )


def checked_evidence(quotes: Sequence[str], texts: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """Each quote with whether it stands in one of the texts, blanks and case aside: judges invent quotes, too."""
    held = [_squeezed(text) for text in texts]
    return tuple((quote, bool(q := _squeezed(quote)) and any(q in text for text in held)) for quote in quotes)


def _squeezed(text: str) -> str:
    return " ".join(defused(text).casefold().split()).strip("\"'“”„«»… ")
