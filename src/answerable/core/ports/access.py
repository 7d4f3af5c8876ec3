"""Access: credentials, what people may, what was done to it, and who failed to show who they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from answerable.core.audit import AuditRow, Chain
from answerable.core.query import Principal
from answerable.core.vouching import Errand, Voucher


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A credential as it is stored: its secret is only ever shown once, and kept as a hash."""

    id: str
    tenant: str
    principal: Principal  # what it gives now: what it was made with, within what its person may
    label: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    kind: str = "api"  # api: a program's; session: a browser's; once: a sign-in link, used up by its first use
    scopes: tuple[str, ...] = ()  # what it is good for; none: all that the roles allow
    idle_s: float | None = None  # unused for so long, it is dead
    seen_at: datetime | None = None  # of one with an idle limit, to about a minute
    made_by: str = ""  # how its person showed who they are: link, header, oidc; empty: an operator made it
    used: bool = False  # of a sign-in link


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What kind of credential is to be made, and who makes it: that stands in the audit log."""

    kind: str = "api"
    scopes: tuple[str, ...] = ()
    idle_s: float | None = None
    made_by: str = ""
    actor: str = "operator"


API = Terms()
ONCE = Terms(kind="once")


class Tokens(Protocol):
    """Credentials. 256 random bits, stored hashed, compared in constant time."""

    async def create(
        self, *, tenant: str, principal: Principal, label: str, ttl_s: float | None = None, terms: Terms = API
    ) -> tuple[Token, str]:
        """The token and its secret, which is never shown again."""
        ...

    async def check(self, secret: str, *, kind: str = "api") -> Token:
        """Raises NotAuthorized for unknown, revoked, expired, idle and used-up ones, for those of another kind,
        and for all of a suspended person: always with the same words. One of another kind is not used up by it."""
        ...

    async def live(self, *, tenant: str, token_ids: Sequence[str]) -> dict[str, Principal]:
        """Those of the credentials that still open something, with what they give now. It is not a use of them."""
        ...

    async def revoke(self, *, tenant: str, token_id: str, actor: str = "operator") -> None:
        """Raises NotFound."""
        ...

    async def tokens(self, *, tenant: str) -> list[Token]: ...


class Audit(Protocol):
    """The audit log: append-only, a chain of hashes for each tenant."""

    async def record(
        self, *, tenant: str, actor: str, action: str, subject: str, detail: Mapping[str, Any] | None = None
    ) -> AuditRow:
        """Write one row, for good. `action` is noun.verb; `detail` holds facts, never what a person wrote."""
        ...

    async def rows(self, *, tenant: str, after: int = 0, limit: int = 100) -> list[AuditRow]:
        """Oldest first, from the row after number `after` on."""
        ...

    async def latest(self, *, tenant: str, limit: int = 50, action: str = "", subject: str = "") -> list[AuditRow]:
        """Newest first; `action` may be a beginning, such as `token.`; `subject` is exact."""
        ...

    async def verify(self, *, tenant: str, n: int = 0, head: str = "") -> Chain:
        """Compute the chain again. With `n` and `head`, row `n` must also have that hash: as somebody noted it
        elsewhere, for rows that were cut off at the end leave no trace in the chain itself."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with credentials. `roles` and `groups` bound every credential; None: whatever those say."""

    id: str
    created_at: datetime
    suspended_at: datetime | None = None
    roles: tuple[str, ...] | None = None
    groups: tuple[str, ...] | None = None
    credentials: int = 0  # that are still good


class Persons(Protocol):
    """Who has credentials. A change holds for every credential at once, and is in the audit log."""

    async def persons(self, *, tenant: str) -> list[Person]:
        """By id."""
        ...

    async def suspend(self, *, tenant: str, person: str, by: str, suspended: bool = True) -> None:
        """Every credential refuses from now on; or opens again. Raises NotFound."""
        ...

    async def bound(
        self,
        *,
        tenant: str,
        person: str,
        by: str,
        roles: Sequence[str] | None = None,
        groups: Sequence[str] | None = None,
    ) -> None:
        """What the person may at most, whatever a credential says; None lifts the bound. Makes the person."""
        ...

    async def sign_out(self, *, tenant: str, person: str, by: str) -> int:
        """Revoke every session of the person; returns how many."""
        ...


class IdentityProvider(Protocol):
    """Somebody else who says who a person is: an OpenID provider."""

    async def address(self, errand: Errand, *, returning_to: str) -> str:
        """Where to send the browser. Raises Unreachable."""
        ...

    async def voucher(self, code: str, errand: Errand, *, issuer: str, returning_to: str) -> Voucher:
        """Redeem the code and check what comes. Raises NotAuthorized for what is not right, and Unreachable."""
        ...


class Attempts(Protocol):
    """Failed attempts to show who one is, counted over a sliding window, by all processes together."""

    async def failed(self, *, tenant: str, who: str, window_s: float) -> int:
        """One more; how many in the last `window_s` seconds, this one included. Kept by the minute."""
        ...

    async def count(self, *, tenant: str, who: str, window_s: float) -> int:
        """How many in the last `window_s` seconds."""
        ...
