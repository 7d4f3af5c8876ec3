"""What was really so: a need and its turns, with everything that a product never sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who asks. `skill` moves the odds of a right answer; `tracked`: no do-not-track."""

    number: int
    language: str
    hour: float
    skill: float
    votes: float  # the chance of rating an answer that pleases or displeases
    patience: float
    channel: str = "web"
    tracked: bool = True
    why_not: str = ""  # staff, bot
    holdout: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One question and its reply. `meant` is the true class of follow-up, `seen` what the detector says.

    `right`: the reply was shown and is correct; `harm`: what is wrong with a shown one (core/event_names.py).
    """

    id: str
    at: datetime
    meant: str
    seen: str
    outcome: str
    right: bool
    reason: str = ""
    harm: str = "none"
    severity: str = ""
    confidence: str = "high"
    guarded: bool = False  # a guard found something, and it was shown all the same
    claims: int = 0
    supported: int = 0
    withheld: int = 0
    documents: tuple[str, ...] = ()
    stale: int = 0
    conflicts: int = 0
    cache: str = "none"
    deadline_hit: bool = False
    fallback: bool = False
    latency_ms: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: Decimal = Decimal(0)
    margin: float = 0.0
    chars: int = 0
    model: str = ""
    prompt_version: str = ""
    displayed: bool = True
    opened: int = 0
    copied: bool = False
    vote: str = ""
    solved: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What somebody wanted once, and how it ended: a task as it truly was.

    `met`: they got what they wanted. `again_of`: the need that they had brought before, within a week.
    `escalation` and `escalated_s`: asked, policy, failure, and how long after the last turn. `needed_person`:
    only a person could have helped. `ticket_h`: hours until a ticket on the same need.
    """

    id: str
    person: Person
    conversation: str
    topic: str
    language: str
    answerable: bool
    turns: tuple[Turn, ...]
    met: bool
    needed_person: bool
    escalation: str = ""
    escalated_s: float = 0.0
    ticket_h: float | None = None
    goal_s: float | None = None
    again_of: str = ""
    why_not: str = ""
    changed: Mapping[str, bool] = field(default_factory=dict)  # names of changes that could touch it

    @property
    def at(self) -> datetime:
        """When it was brought."""
        return self.turns[0].at

    @property
    def last_at(self) -> datetime:
        """The last turn."""
        return self.turns[-1].at

    @property
    def counts(self) -> bool:
        """Whether it is one that product metrics are about."""
        return not self.why_not and not self.person.why_not and not self.person.holdout

    @property
    def cost(self) -> Decimal:
        """Of all its turns."""
        return sum((one.cost for one in self.turns), Decimal(0))
