"""An alert: something that somebody has to look at, from when it began until it is well again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any


class Severity(StrEnum):
    """How soon somebody has to look: at once, today, this week."""

    PAGE = "page"
    TICKET = "ticket"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """The most urgent one is 2."""
        return (Severity.NOTE, Severity.TICKET, Severity.PAGE).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """`key`: what of the rule's things it is about (a document, a job), or empty. `resolved_at` None: it stands.

    `n` and `bad` are counts since the change (0 where nothing is counted), `value` what was found and `usual` what
    it is held against: shares in [0, 1], or the rule's unit; None where there is none. `began_at`: the likely time
    of the change. `blame`: what it likely comes from, in words made of names and figures, or "can't tell".
    """

    id: str
    tenant: str
    rule: str
    severity: Severity
    opened_at: datetime
    key: str = ""
    began_at: datetime | None = None
    last_at: datetime | None = None  # of the last look
    resolved_at: datetime | None = None
    n: int = 0
    bad: int = 0
    value: float | None = None
    usual: float | None = None
    blame: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)  # names and figures, never a person's words
    acked_at: datetime | None = None  # by whom stands in the audit log alone
    told_at: datetime | None = None  # the last notice of it

    @property
    def stands(self) -> bool:
        """Nobody and nothing has ended it."""
        return self.resolved_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """No notices of a rule (and of one key, where it names one) until a time; it is evaluated all the same."""

    id: str
    rule: str
    until: datetime
    key: str = ""
    reason: str = ""

    def covers(self, rule: str, key: str, now: datetime) -> bool:
        """Whether it is about that."""
        return self.rule == rule and self.key in ("", key) and now < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message to one channel. The same id is the same message: it is sent until it is received, or given up.

    `payload` is JSON-able and holds no person's data. `name`: alert.opened, alert.resolved, budget.threshold …
    """

    id: str
    tenant: str
    channel: str  # as configured: webhook:NAME or email
    name: str
    payload: Mapping[str, Any]
    created_at: datetime
    due_at: datetime
    tries: int = 0
    sent_at: datetime | None = None
    given_up_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """What one signal showed in one hour: the past that the present is held against.

    `bins`: for measured values the number of each bin, for things by name the number of answers with each.
    """

    signal: str
    at: datetime
    n: int
    bad: int = 0
    bins: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Where the evaluation of a tenant stands. `version` grows with each look; `at` None: there was none."""

    version: int = 0
    at: datetime | None = None
    state: Mapping[str, Any] = field(default_factory=dict)


def short_id(kind: str, *parts: str) -> str:
    """The id that the same parts always have, as `al_5f0c…`."""
    return f"{kind}_{sha256(chr(31).join(parts).encode()).hexdigest()[:20]}"
