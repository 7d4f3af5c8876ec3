"""Human review: a batch of answers drawn from a period, who reads which, and what each reader said.

Every answer of the period had a known chance of being drawn; it stays with the item, so that a rate over the read
ones estimates the rate over all. What a reader said is never changed: a correction is another reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from answerable.core.evaluation import Answered


class Role(StrEnum):
    """As what somebody reads an item."""

    READER = "reader"
    ADJUDICATOR = "adjudicator"  # decides where two readers disagree


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One simple random draw without replacement: `drawn` of the `size` answers that belong to the stratum."""

    stratum: str  # random | uncertain | signals | tail | new
    size: int
    drawn: int

    @property
    def probability(self) -> float:
        """Of one member, in [0, 1]."""
        return self.drawn / self.size if self.size else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is reviewed of one period. Its draws are independent of each other; a batch never changes."""

    tenant: str
    id: str  # the period: 2026-W47, or 2026-W47-2w for two weeks
    starts: datetime
    ends: datetime  # exclusive; where it was drawn before the period's end, the moment of the draw
    due: datetime  # after it the batch is overdue
    seed: int
    population: int  # answers of the period that could be drawn
    draws: tuple[Draw, ...]
    criteria: tuple[str, ...]
    created_at: datetime | None = None  # set by the store


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One drawn answer."""

    id: str
    batch: str
    answer_id: str
    trace_id: str
    drawn_by: tuple[str, ...]  # the draws that hit it; with `random` it is in the uniform part
    strata: tuple[str, ...]  # the draws that could have hit it
    probability: float  # of having been drawn at all, in (0, 1]
    seats: tuple[str, ...]  # who is to read it, one name a reading; empty name: whoever comes
    place: int  # reading order: random, so that what is read first is no stratum
    outcome: str = "answered"
    language: str = "en"
    topic: str = ""
    score: float | None = None  # the estimated probability that the passages held the answer, in [0, 1]

    @property
    def uniform(self) -> bool:
        """Whether it is part of the plain random sample."""
        return "random" in self.drawn_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one person said of one item, once. The latest by item, reader and role counts; all are kept."""

    tenant: str
    item: str
    reader: str
    role: Role = Role.READER
    verdicts: Mapping[str, Answered] = field(default_factory=dict)  # by criterion
    reason: str = ""
    severity: str = ""  # "" | S1 (law, safety, money, personal data) … S4 (tone): harmful
    correction: str = ""  # the answer as it should have been
    comment: str = ""
    seconds: float | None = None  # from opening the item; None: unmeasured
    withdrawn: bool = False  # the reader takes an earlier reading back; nothing else is said
    number: int = 0  # set by the store: rises with time
    at: datetime | None = None  # set by the store


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """An item that somebody has open."""

    item: str
    reader: str
    role: Role
    since: datetime
    until: datetime
