"""Credentials of operators that were good lately: figures are wanted most while the database is away."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from answerable.api.credentials import Credential, refuse
from answerable.api.problems import ProblemError
from answerable.core.errors import Unreachable
from answerable.core.identity import sha256_hex
from answerable.core.ports import Token

Check = Callable[[Credential], Awaitable[Token]]


@dataclass(slots=True, kw_only=True)
class Passes:
    """A revoked one reads figures for up to `fresh_s` more. While the database does not answer, nothing can be
    revoked in it either: what was good then stays so for `stale_s`, and it is asked again every `away_s`.
    """

    fresh_s: float = 1.0
    away_s: float = 15.0
    stale_s: float = 3600.0
    most: int = 100
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _seen: dict[str, tuple[float, Token]] = field(default_factory=dict)  # by the secret's hash
    _away_at: float | None = None

    async def checked(self, credential: Credential, check: Check) -> Token:
        """What `check` says, or said. Raises what it raises."""
        name, now = sha256_hex(f"{credential.kind} {credential.secret}"), self.clock()
        known = self._known(name, now)
        if known is not None:
            return known
        try:
            token = await check(credential)
        except Unreachable:
            self._away_at = self.clock()
            known = self._known(name, self._away_at)
            if known is None:
                raise
            return known
        except ProblemError:
            self._seen.pop(name, None)
            raise
        self._away_at = None
        if len(self._seen) >= self.most:
            self._seen.pop(next(iter(self._seen)))
        self._seen[name] = (now, token)
        return token

    def _known(self, name: str, now: float) -> Token | None:
        at, token = self._seen.get(name, (0.0, None))
        away = self._away_at is not None and now - self._away_at < self.away_s
        if token is None or now - at >= (self.stale_s if away else self.fresh_s):
            return None
        if token.expires_at is not None and token.expires_at <= self.now():
            raise refuse()
        return token
