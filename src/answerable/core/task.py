"""A task: what one person wanted once, over as many turns as it took; and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class TaskState(StrEnum):
    """How a closed task ended; the first that fits, in this order."""

    ESCALATED = "escalated"
    REOPENED = "reopened"
    FAILED = "failed"
    CONFIRMED = "confirmed"
    VERIFIED = "verified"
    ASSUMED = "assumed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`closed_at` is None while it may go on. Where turns differ, what names a thing is its last turn's.

    `why_not` says why it is not eligible (staff, bot, load_test, canary, greeting, incident, out_of_scope,
    holdout; superseded: late events made it part of another task); empty: it counts. `escalation`: asked,
    policy, failure or empty; failure also of a task that went to nobody (then its state is not escalated).
    `p_complete` in [0, 1].
    """

    id: str  # of its first turn's content: the same turns make the same task
    tenant: str
    person: bytes | None
    conversation: str
    opened_at: datetime
    last_at: datetime
    closed_at: datetime | None = None
    turns: int = 1
    state: TaskState = TaskState.UNKNOWN
    p_complete: float | None = None
    why_not: str = ""
    outcome: str = ""  # of the last answer
    escalation: str = ""
    reopens: str = ""  # the earlier task that this one is a repeat contact of
    reopened_at: datetime | None = None
    topic: str = ""
    language: str = ""
    channel: str = ""
    prompt_id: str = ""
    prompt_version: str = ""
    model: str = ""
    rollout: str = ""
    holdout: bool = False
    follow_ups: Mapping[str, int] = field(default_factory=dict)  # class → turns
    cost: Decimal | None = None
    currency: str = ""
    unpriced: int = 0  # answers without a known cost
    answers: tuple[str, ...] = ()
    votes: Mapping[str, int] = field(default_factory=dict)  # up, down, solved, not_solved

    @property
    def eligible(self) -> bool:
        """Whether it counts in product metrics."""
        return not self.why_not
