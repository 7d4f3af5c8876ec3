"""What a turn is to the one before it: the same need again, more of it, a word on the answer, or another need.

By rules, in an order, without a model; nothing is kept of what was said. How often it is right, by class and
language: docs/monitoring/tasks.md (benchmarks/followups.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from answerable.monitor.followup_cues import (
    goes_on,
    is_open,
    is_unclear,
    only_thanks,
    plain,
    points_back,
    refuses,
    without_thanks,
)
from answerable.monitor.likeness import Likeness, likeness
from answerable.text.language import detect_language
from answerable.text.stopwords import STOPWORDS

DETECTOR = "rules-1"
_TOLD_CHARS = 400  # in which a language shows


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnFacts:
    """One turn, as it is at hand when its question comes in. `documents`: what was found, the best first."""

    text: str
    language: str
    at: datetime
    documents: tuple[str, ...] = ()
    embedding: Sequence[float] | None = None  # of unit length; None: not made
    outcome: str = ""  # how it ended; empty while it has not


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """`class_` is one of event_names.FOLLOW_UPS; `confidence` and `similarity` are in [0, 1]."""

    class_: str
    confidence: float
    similarity: float
    detector: str = DETECTOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From where on two questions are alike, by each sign. Fitted on pairs: benchmarks/followups.py."""

    cosine: float = 0.6
    documents: int = 3  # of the five best
    containment: float = 0.34
    characters: float = 0.7
    signs: int = 2  # how many of the four must be there
    near: float = 0.6  # cosine from which two questions have one subject
    near_words: float = 0.34  # containment from which they have
    gap_s: float = 600.0  # a repetition later than this is one only where it is nearly word for word


FITTED = Thresholds()  # documents, signs, near_words and gap_s are set by hand


def follow_up(previous: TurnFacts | None, current: TurnFacts, *, thresholds: Thresholds = FITTED) -> FollowUp:
    """The class of `current` after `previous`, the turn before it of the same person in the same conversation."""
    if previous is None:
        return FollowUp(class_="first", confidence=1.0, similarity=0.0)
    alike = likeness(
        previous.text,
        current.text,
        language=_language(previous, current),
        vectors=(previous.embedding, current.embedding),
        documents=(previous.documents, current.documents),
    )
    class_ = _class(previous, current, alike, thresholds)
    return FollowUp(class_=class_, confidence=CONFIDENCE[class_], similarity=alike.overall)


# How often each class was right on the pairs that the thresholds were fitted on, with vectors, (k + 1) / (n + 2).
CONFIDENCE = {
    "rephrase": 0.98, "clarify": 0.95, "drill_down": 0.89, "pushback": 0.96, "thanks": 0.94, "new_topic": 0.59,
}  # fmt: skip


def _language(previous: TurnFacts, current: TurnFacts) -> str:
    """That of the two questions: what is known of a turn may be the language that it was answered in."""
    known = current.language or previous.language
    return detect_language(f"{previous.text} {current.text}"[:_TOLD_CHARS], tuple(STOPWORDS), default=known)


def _class(previous: TurnFacts, current: TurnFacts, alike: Likeness, limits: Thresholds) -> str:
    language = _language(previous, current)
    said = plain(current.text)
    rest = without_thanks(said, language)
    if refuses(said, language):
        return "pushback"
    if (
        is_unclear(said, language)
        or is_unclear(rest, language)
        or (previous.outcome == "clarify" and not _repeats(alike, limits))
    ):
        return "clarify"
    if only_thanks(said, language):
        return "thanks"
    late = (current.at - previous.at).total_seconds() > limits.gap_s
    leans = _leans(rest, language) and not (alike.containment == 1.0 and alike.added == 0)
    if alike.typo or (_repeats(alike, limits) and not late and not leans):
        return "rephrase"
    if rest != said and not leans:
        return "new_topic"
    return "drill_down" if leans or _near(alike, limits) else "new_topic"


def _leans(said: str, language: str) -> bool:
    """It cannot be understood without what was said before."""
    return goes_on(said, language) or points_back(said, language) or is_open(said, language)


def _repeats(alike: Likeness, limits: Thresholds) -> bool:
    """The same need in other words: enough signs, and nothing that narrows it or takes its place."""
    if alike.new_facts or alike.narrows or alike.replaces:
        return False
    return signs(alike, limits) >= limits.signs


def signs(alike: Likeness, limits: Thresholds) -> int:
    """How many signs of a repetition there are."""
    return sum(
        (
            alike.cosine is not None and alike.cosine >= limits.cosine,
            alike.documents is not None and alike.documents >= limits.documents,
            alike.containment >= limits.containment,
            alike.characters >= limits.characters or not alike.same_form,
        )
    )


def _near(alike: Likeness, limits: Thresholds) -> bool:
    """The same subject, by words or by vectors, though not the same question."""
    if alike.replaces:
        return False
    if alike.narrows or (alike.new_facts and alike.containment >= limits.near_words):
        return True
    return alike.cosine is not None and alike.cosine >= limits.near
