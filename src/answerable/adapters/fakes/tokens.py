"""Credentials in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from answerable.adapters.fakes.audit import MemoryAudit
from answerable.adapters.granted import granted
from answerable.adapters.secret import new_secret, refused, secret_sha256
from answerable.core.errors import NotFound
from answerable.core.identity import random_id
from answerable.core.ports import Person, Terms, Token
from answerable.core.ports.access import API
from answerable.core.query import Principal


class MemoryTokens:
    """Tokens that are forgotten with the process. `now` gives the time, with its zone."""

    def __init__(
        self, now: Callable[[], datetime] = lambda: datetime.now(UTC), audit: MemoryAudit | None = None
    ) -> None:
        self.now = now
        self.audit = audit or MemoryAudit()
        self.people: dict[tuple[str, str], Person] = {}
        self._by_hash: dict[str, Token] = {}
        self._used: set[str] = set()

    async def create(
        self, *, tenant: str, principal: Principal, label: str, ttl_s: float | None = None, terms: Terms = API
    ) -> tuple[Token, str]:
        """The token and its secret, which is never shown again."""
        now, secret = self.now(), new_secret()
        token = Token(
            id=random_id("tk"),
            tenant=tenant,
            principal=principal,
            label=label,
            created_at=now,
            expires_at=None if ttl_s is None else now + timedelta(seconds=ttl_s),
            kind=terms.kind,
            scopes=terms.scopes,
            idle_s=terms.idle_s,
            made_by=terms.made_by,
        )
        self._by_hash[secret_sha256(secret)] = token
        self.people.setdefault((tenant, principal.id), Person(id=principal.id, created_at=now))
        await self.audit.record(
            tenant=tenant, actor=terms.actor, action=f"{_noun(token.kind)}.create", subject=token.id
        )
        return token, secret

    async def check(self, secret: str, *, kind: str = "api") -> Token:
        """Raises NotAuthorized for whatever is not a good credential of this kind, always with the same words."""
        digest = secret_sha256(secret)
        token = self._by_hash.get(digest)
        if token is None or token.kind != kind or not self._opens(token):
            raise refused()
        if token.kind == "once":
            self._used.add(token.id)
        if token.idle_s is not None:
            self._by_hash[digest] = replace(token, seen_at=self.now())
        return self._granted(token)

    async def live(self, *, tenant: str, token_ids: Sequence[str]) -> dict[str, Principal]:
        """Those of the credentials that still open something, with what they give now."""
        return {
            one.id: self._granted(one).principal
            for one in self._by_hash.values()
            if one.tenant == tenant and one.id in token_ids and self._opens(one)
        }

    def _granted(self, token: Token) -> Token:
        person = self.people[token.tenant, token.principal.id]
        return granted(token, roles=person.roles, groups=person.groups)

    def _opens(self, token: Token) -> bool:
        now, idle = self.now(), token.idle_s
        return not (
            token.revoked_at
            or token.id in self._used
            or (token.expires_at and token.expires_at <= now)
            or (idle is not None and (token.seen_at or token.created_at) <= now - timedelta(seconds=idle))
            or self.people[token.tenant, token.principal.id].suspended_at
        )

    async def revoke(self, *, tenant: str, token_id: str, actor: str = "operator") -> None:
        """Raises NotFound."""
        for digest, token in self._by_hash.items():
            if (token.tenant, token.id) == (tenant, token_id):
                self._by_hash[digest] = replace(token, revoked_at=token.revoked_at or self.now())
                await self.audit.record(
                    tenant=tenant, actor=actor, action=f"{_noun(token.kind)}.revoke", subject=token_id
                )
                return
        raise NotFound(f"there is no token {token_id}")

    async def tokens(self, *, tenant: str) -> list[Token]:
        """All of the tenant's, oldest first."""
        mine = [token for token in self._by_hash.values() if token.tenant == tenant]
        return [replace(token, used=token.id in self._used) for token in mine]


def _noun(kind: str) -> str:
    return {"api": "token", "session": "session", "once": "link"}[kind]
