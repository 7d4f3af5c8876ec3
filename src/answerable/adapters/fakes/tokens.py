"""Credentials in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from answerable.adapters.secret import new_secret, refused, secret_sha256
from answerable.core.errors import NotFound
from answerable.core.identity import random_id
from answerable.core.ports import Token
from answerable.core.query import Principal


class MemoryTokens:
    """Tokens that are forgotten with the process. `now` gives the time, with its zone."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._by_hash: dict[str, Token] = {}
        self._used: set[str] = set()

    async def create(
        self, *, tenant: str, principal: Principal, label: str, ttl_s: float | None = None, once: bool = False
    ) -> tuple[Token, str]:
        """The token and its secret, which is never shown again."""
        now, secret = self._now(), new_secret()
        token = Token(
            id=random_id("tk"),
            tenant=tenant,
            principal=principal,
            label=label,
            created_at=now,
            expires_at=None if ttl_s is None else now + timedelta(seconds=ttl_s),
            once=once,
        )
        self._by_hash[secret_sha256(secret)] = token
        return token, secret

    async def check(self, secret: str) -> Token:
        """Raises NotAuthorized for unknown, revoked, expired and used-up ones, all with the same words."""
        token = self._by_hash.get(secret_sha256(secret))
        if token is None or token.revoked_at or token.id in self._used:
            raise refused()
        if token.expires_at and token.expires_at <= self._now():
            raise refused()
        if token.once:
            self._used.add(token.id)
        return token

    async def revoke(self, *, tenant: str, token_id: str) -> None:
        """Raises NotFound."""
        for digest, token in self._by_hash.items():
            if (token.tenant, token.id) == (tenant, token_id):
                self._by_hash[digest] = replace(token, revoked_at=token.revoked_at or self._now())
                return
        raise NotFound(f"there is no token {token_id}")

    async def tokens(self, *, tenant: str) -> list[Token]:
        """All of the tenant's, oldest first."""
        return [token for token in self._by_hash.values() if token.tenant == tenant]
