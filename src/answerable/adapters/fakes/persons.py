"""People and failed attempts in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from answerable.adapters.fakes.tokens import MemoryTokens
from answerable.core.errors import NotFound
from answerable.core.ports import Person


class MemoryPersons:
    """The people of some MemoryTokens."""

    def __init__(self, tokens: MemoryTokens) -> None:
        self._tokens = tokens

    async def persons(self, *, tenant: str) -> list[Person]:
        """By id."""
        live = [
            one.principal.id
            for one in await self._tokens.tokens(tenant=tenant)
            if not one.revoked_at and not (one.expires_at and one.expires_at <= self._tokens.now())
        ]
        mine = [person for (home, _), person in self._tokens.people.items() if home == tenant]
        return sorted((replace(one, credentials=live.count(one.id)) for one in mine), key=lambda one: one.id)

    async def suspend(self, *, tenant: str, person: str, by: str, suspended: bool = True) -> None:
        """Every credential refuses from now on; or opens again. Raises NotFound."""
        known = self._tokens.people.get((tenant, person))
        if known is None:
            raise NotFound(f"nobody here is called {person!r}")
        at = (known.suspended_at or self._tokens.now()) if suspended else None
        self._tokens.people[tenant, person] = replace(known, suspended_at=at)
        action = "person.suspend" if suspended else "person.restore"
        await self._tokens.audit.record(tenant=tenant, actor=by, action=action, subject=person)

    async def bound(
        self,
        *,
        tenant: str,
        person: str,
        by: str,
        roles: Sequence[str] | None = None,
        groups: Sequence[str] | None = None,
    ) -> None:
        """What the person may at most; None lifts the bound. Makes the person."""
        known = self._tokens.people.get((tenant, person)) or Person(id=person, created_at=self._tokens.now())
        self._tokens.people[tenant, person] = replace(
            known,
            roles=None if roles is None else tuple(roles),
            groups=None if groups is None else tuple(groups),
        )
        await self._tokens.audit.record(tenant=tenant, actor=by, action="person.bound", subject=person)

    async def sign_out(self, *, tenant: str, person: str, by: str) -> int:
        """Revoke every session of the person, and every link; returns how many."""
        mine = [
            one
            for one in await self._tokens.tokens(tenant=tenant)
            if one.principal.id == person and one.kind != "api" and one.revoked_at is None
        ]
        for one in mine:
            await self._tokens.revoke(tenant=tenant, token_id=one.id, actor=by)
        return len(mine)


class MemoryAttempts:
    """Attempts that are forgotten with the process."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._failed: list[tuple[str, str, datetime]] = []

    async def failed(self, *, tenant: str, who: str, window_s: float) -> int:
        """One more; how many in the window, this one included."""
        self._failed.append((tenant, who, self._now()))
        return await self.count(tenant=tenant, who=who, window_s=window_s)

    async def count(self, *, tenant: str, who: str, window_s: float) -> int:
        """How many in the window."""
        since = self._now() - timedelta(seconds=window_s)
        return sum(1 for home, name, at in self._failed if (home, name) == (tenant, who) and at > since)
