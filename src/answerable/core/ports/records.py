"""After: what is kept of questions, and who may ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from answerable.core.answer import Answer
from answerable.core.prompt import Rendered
from answerable.core.query import Principal, Query
from answerable.core.trace import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What a person said of an answer. The last one wins; the history is kept."""

    answer_id: str
    value: str | None = None  # up | down
    reasons: tuple[str, ...] = ()
    comment: str = ""
    solved: str | None = None  # yes | no | partly


class Journal(Protocol):
    """Traces, answers and feedback. Writing never blocks an answer; reading is by tenant."""

    def write(self, trace: Trace, query: Query, answer: Answer, rendered: Rendered | None) -> None:
        """Queue; returns at once. A full queue drops nothing: it spills to disk and says so in the log."""
        ...

    async def flush(self) -> None:
        """Wait until what was queued is written."""
        ...

    async def trace(self, *, tenant: str, reference: str) -> dict[str, Any]:
        """By id, unique prefix or `latest`, as JSON-able values. Raises NotFound."""
        ...

    async def traces(
        self, *, tenant: str, limit: int = 20, outcome: str | None = None
    ) -> list[dict[str, Any]]: ...

    async def answer(self, *, tenant: str, answer_id: str, principal: Principal) -> dict[str, Any]:
        """The stored answer object; only the asker's own unless the principal is an engineer. Raises NotFound."""
        ...

    async def feedback(self, *, tenant: str, principal: Principal, feedback: Feedback) -> None:
        """Raises NotFound for an answer that is not the principal's own."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A bearer token as it is stored: its secret is only ever shown once, and kept as a hash."""

    id: str
    tenant: str
    principal: Principal
    label: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    once: bool = False  # a sign-in link: used up by its first use


class Tokens(Protocol):
    """Credentials. 256 random bits, stored hashed, compared in constant time."""

    async def create(
        self, *, tenant: str, principal: Principal, label: str, ttl_s: float | None = None, once: bool = False
    ) -> tuple[Token, str]:
        """The token and its secret, which is never shown again."""
        ...

    async def check(self, secret: str) -> Token:
        """Raises NotAuthorized for unknown, revoked, expired and used-up ones, all with the same words."""
        ...

    async def revoke(self, *, tenant: str, token_id: str) -> None:
        """Raises NotFound."""
        ...

    async def tokens(self, *, tenant: str) -> list[Token]: ...
