"""What a turn is to the one before it: the same need again, more of it, a word on the answer, or another need.

No model is called and nothing is written down of what was said. Shares and thresholds: benchmarks/followups.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from answerable.monitor.likeness import Likeness, likeness

DETECTOR = "rules-1"


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
    """From where on two questions are alike, by each sign."""

    cosine: float = 0.8
    documents: int = 3  # of the five best
    containment: float = 0.5
    characters: float = 0.7
    signs: int = 2  # how many of the four must be there
    gap_s: float = 600.0


FITTED = Thresholds()


def follow_up(previous: TurnFacts | None, current: TurnFacts, *, thresholds: Thresholds = FITTED) -> FollowUp:
    """The class of `current` after `previous`, the turn before it of the same person in the same conversation."""
    if previous is None:
        return FollowUp(class_="first", confidence=1.0, similarity=0.0)
    alike = likeness(
        previous.text,
        current.text,
        language=current.language or previous.language,
        vectors=(previous.embedding, current.embedding),
        documents=(previous.documents, current.documents),
    )
    signs = _signs(alike, thresholds)
    if signs >= thresholds.signs and not alike.new_facts:
        return FollowUp(class_="rephrase", confidence=min(1.0, 0.5 + signs / 8), similarity=alike.overall)
    if signs:
        return FollowUp(class_="drill_down", confidence=0.5, similarity=alike.overall)
    return FollowUp(class_="new_topic", confidence=0.5, similarity=alike.overall)


def _signs(alike: Likeness, thresholds: Thresholds) -> int:
    return sum(
        (
            alike.cosine is not None and alike.cosine >= thresholds.cosine,
            alike.documents is not None and alike.documents >= thresholds.documents,
            alike.containment >= thresholds.containment,
            alike.characters >= thresholds.characters,
        )
    )
