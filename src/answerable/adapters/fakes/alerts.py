"""Alerts in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from answerable.core.alert import Alert, Hour, Notice, Silence, Watched
from answerable.core.errors import NotFound
from answerable.core.ports import Looked


@dataclass(slots=True, kw_only=True)
class _Kept:
    watched: Watched = field(default_factory=Watched)
    alerts: dict[str, Alert] = field(default_factory=dict)
    hours: dict[tuple[datetime, str], Hour] = field(default_factory=dict)
    silences: dict[str, Silence] = field(default_factory=dict)
    notices: dict[str, Notice] = field(default_factory=dict)
    leases: dict[str, datetime] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class MemoryAlerts:
    """Alerts that end with the process. `audit`: who did what to what."""

    audit: list[tuple[str, str, str]] = field(default_factory=list)
    _all: dict[str, _Kept] = field(default_factory=dict)

    async def watched(self, *, tenant: str) -> Watched:
        """Where the evaluation stands."""
        return self._of(tenant).watched

    async def keep(self, looked: Looked, *, tenant: str) -> bool:
        """Whole, or not at all."""
        kept = self._of(tenant)
        if kept.watched.version != looked.seen.version:
            return False
        kept.watched = Watched(version=looked.seen.version + 1, at=looked.now, state=dict(looked.state))
        for one in looked.alerts:
            old = kept.alerts.get(one.id)
            kept.alerts[one.id] = replace(one, tenant=tenant, acked_at=old.acked_at if old else None)
        for hour in looked.hours:
            kept.hours[hour.at, hour.signal] = hour
        await self.post(tenant=tenant, notices=looked.notices)
        return True

    async def hours(self, *, tenant: str, since: datetime) -> list[Hour]:
        """By time."""
        return [one for (at, _), one in sorted(self._of(tenant).hours.items()) if at >= since]

    async def listed(self, *, tenant: str, every: bool = False, limit: int = 200) -> list[Alert]:
        """Newest first."""
        found = [one for one in self._of(tenant).alerts.values() if every or one.stands]
        return sorted(found, key=lambda one: (-one.opened_at.timestamp(), one.id))[:limit]

    async def get(self, *, tenant: str, reference: str) -> Alert:
        """By id or a unique beginning of it."""
        found = [one for one in self._of(tenant).alerts.values() if reference and one.id.startswith(reference)]
        exact = [one for one in found if one.id == reference]
        if len(exact or found) != 1:
            raise NotFound(f"there is no alert {reference!r}")
        return (exact or found)[0]

    async def ack(self, *, tenant: str, reference: str, by: str, now: datetime) -> Alert:
        """Somebody looks after it."""
        one = await self.get(tenant=tenant, reference=reference)
        if one.acked_at is None:
            one = self._of(tenant).alerts[one.id] = replace(one, acked_at=now)
            self.audit.append((by, "alert.ack", one.id))
        return one

    async def silence(self, *, tenant: str, silence: Silence, by: str, now: datetime) -> None:
        """No notices until then."""
        self._of(tenant).silences[silence.id] = silence
        self.audit.append((by, "alert.silence", silence.rule))

    async def unsilence(self, *, tenant: str, rule: str, by: str, now: datetime) -> int:
        """Every silence of a rule."""
        kept = self._of(tenant).silences
        ended = [one for one in kept.values() if one.rule == rule and one.until > now]
        for one in ended:
            kept[one.id] = replace(one, until=now)
            self.audit.append((by, "alert.unsilence", rule))
        return len(ended)

    async def silences(self, *, tenant: str, now: datetime) -> list[Silence]:
        """In force."""
        found = [one for one in self._of(tenant).silences.values() if one.until > now]
        return sorted(found, key=lambda one: (one.until, one.id))

    async def post(self, *, tenant: str, notices: Sequence[Notice]) -> int:
        """Into the outbox."""
        kept = self._of(tenant).notices
        new = [one for one in notices if one.id not in kept]
        kept.update({one.id: replace(one, tenant=tenant) for one in new})
        return len(new)

    async def claim(self, *, tenant: str, now: datetime, lease_s: float, limit: int = 20) -> list[Notice]:
        """For this worker alone until the lease ends."""
        kept = self._of(tenant)
        due = [
            one
            for one in sorted(kept.notices.values(), key=_first_out)
            if one.sent_at is None
            and one.given_up_at is None
            and one.due_at <= now
            and kept.leases.get(one.id, now) <= now
        ][:limit]
        kept.leases.update({one.id: now + timedelta(seconds=lease_s) for one in due})
        return due

    async def settled(self, *, tenant: str, notice: Notice) -> None:
        """How sending went."""
        self._of(tenant).notices[notice.id] = notice
        self._of(tenant).leases.pop(notice.id, None)

    async def notices(self, *, tenant: str, limit: int = 100) -> list[Notice]:
        """Newest first."""
        found = self._of(tenant).notices.values()
        return sorted(found, key=lambda one: (-one.created_at.timestamp(), one.id))[:limit]

    def _of(self, tenant: str) -> _Kept:
        return self._all.setdefault(tenant, _Kept())


def _first_out(one: Notice) -> tuple[bool, bool, datetime, str]:
    """Alerts before what else happened, and what was never tried before what a receiver did not take."""
    return not one.name.startswith("alert."), one.tries > 0, one.due_at, one.id
