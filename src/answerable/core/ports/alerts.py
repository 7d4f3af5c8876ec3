"""Alerts as they stand, what they are held against, and the messages that wait to be sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from answerable.core.alert import Alert, Hour, Notice, Silence, Watched


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What one look at everything changes: kept whole or not at all."""

    now: datetime
    seen: Watched  # as it was read; another worker's look in between makes this one void
    state: Mapping[str, Any]
    alerts: Sequence[Alert] = ()
    notices: Sequence[Notice] = ()
    hours: Sequence[Hour] = ()


class Alerts(Protocol):
    """For all workers of a tenant together."""

    async def watched(self, *, tenant: str) -> Watched: ...

    async def keep(self, looked: Looked, *, tenant: str) -> bool:
        """False, and nothing is kept, where somebody else has looked since `looked.seen` was read."""
        ...

    async def hours(self, *, tenant: str, since: datetime) -> list[Hour]:
        """By time; those that were kept."""
        ...

    async def listed(self, *, tenant: str, every: bool = False, limit: int = 200) -> list[Alert]:
        """Those that stand, or every one; newest first."""
        ...

    async def get(self, *, tenant: str, reference: str) -> Alert:
        """By id or a unique beginning of it. Raises NotFound."""
        ...

    async def ack(self, *, tenant: str, reference: str, by: str, now: datetime) -> Alert:
        """Somebody has seen it and looks after it; the first one stays. Raises NotFound."""
        ...

    async def silence(self, *, tenant: str, silence: Silence, by: str, now: datetime) -> None:
        """Written into the audit log in the same transaction."""
        ...

    async def unsilence(self, *, tenant: str, rule: str, by: str, now: datetime) -> int:
        """End every silence of a rule; how many that were."""
        ...

    async def silences(self, *, tenant: str, now: datetime) -> list[Silence]:
        """Those that are in force."""
        ...

    async def post(self, *, tenant: str, notices: Sequence[Notice]) -> int:
        """Put messages into the outbox; how many were new."""
        ...

    async def claim(self, *, tenant: str, now: datetime, lease_s: float, limit: int = 20) -> list[Notice]:
        """Messages that are due, for this worker alone until the lease ends."""
        ...

    async def settled(self, *, tenant: str, notice: Notice) -> None:
        """How sending went: `sent_at`, or `tries`, `due_at` and `error`, or `given_up_at`."""
        ...

    async def notices(self, *, tenant: str, limit: int = 100) -> list[Notice]:
        """Newest first."""
        ...
