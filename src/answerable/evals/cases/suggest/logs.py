"""Candidates from the log: questions that got no answer, a thumbs-down, or were asked again in other words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from answerable.core.evaluation import EvalCase
from answerable.evals.cases.consistency import NEAR, likeness
from answerable.evals.cases.suggest.candidate import Candidate, Kind

_UNANSWERED = ("abstained", "clarify", "failed", "partial", "conflict")
_AGAIN = timedelta(minutes=10)  # whoever asks the same again so soon did not get what was wanted
_RELATED = 0.3  # Jaccard of the stems, from which on two questions in a row are one


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question of the log, with personal data taken out."""

    trace: str
    question: str
    language: str
    outcome: str
    at: datetime
    who: str
    disliked: str = ""  # the reasons that were given with a thumbs-down, or "yes"


def candidates_of(log: Sequence[Asked]) -> Iterator[Candidate]:
    """One candidate a question that went wrong, newest first; how it should have ended a person has to say."""
    newest = sorted(log, key=lambda one: (one.at, one.trace), reverse=True)
    again = _asked_again(newest)
    for one in newest:
        why = _why(one, again.get(one.trace, ""))
        if why:
            case = EvalCase(
                id="candidate-log",
                question=one.question,
                tags=("log",),
                language=one.language,
                why=why,
            )
            yield Candidate(kind=Kind.LOG, source=one.trace, case=case, needs=("outcome",), note=why)


def _why(one: Asked, again: str) -> str:
    if one.disliked:
        return f"Disliked: {one.disliked}." if one.disliked != "yes" else "Disliked."
    if again:
        return f"Asked again as “{again}”."
    return f"Ended {one.outcome}." if one.outcome in _UNANSWERED else ""


def _asked_again(newest: Sequence[Asked]) -> dict[str, str]:
    """By trace: the words in which the same person asked it again."""
    found = {}
    later: dict[str, Asked] = {}
    for one in newest:
        after = later.get(one.who)
        if after and after.at - one.at <= _AGAIN and after.language == one.language:
            like = likeness(one.question, after.question, one.language)
            if _RELATED <= like < 1.0 or (like >= NEAR and one.question != after.question):
                found[one.trace] = after.question
        later[one.who] = one
    return found
