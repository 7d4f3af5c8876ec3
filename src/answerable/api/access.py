"""Who may do what: the one place where a request becomes a caller, or is turned away."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from answerable.api.problems import ProblemError
from answerable.core.errors import ConfigError, NotAuthorized, Unreachable
from answerable.core.identity import sha256_hex
from answerable.core.ports import Token, Tokens
from answerable.core.query import Principal

POLICY_KEY = "x-access"  # also shown in /openapi.json
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Policy(StrEnum):
    """What a route asks of its caller: a role of the principal, but for `public`; `admin` has every role."""

    PUBLIC = "public"
    USER = "user"
    REVIEWER = "reviewer"  # or engineer
    OPS = "ops"  # or engineer: figures of the process and its providers, nothing that people wrote
    EDITOR = "editor"  # or engineer: what decides answers, to be read and proposed anew
    ENGINEER = "engineer"

    def admits(self, roles: Collection[str]) -> bool:
        """Whether one of the roles is enough."""
        return not _ENOUGH[self].isdisjoint(roles)


_ENOUGH: Mapping[Policy, frozenset[str]] = {
    Policy.PUBLIC: frozenset(),  # nobody is asked for a role
    Policy.USER: frozenset({"user", "admin"}),
    Policy.REVIEWER: frozenset({"reviewer", "engineer", "admin"}),
    Policy.OPS: frozenset({"ops", "engineer", "admin"}),
    Policy.EDITOR: frozenset({"editor", "engineer", "admin"}),
    Policy.ENGINEER: frozenset({"engineer", "admin"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """An authenticated request: whose data it may touch, and with which credential."""

    tenant: str
    principal: Principal
    token_id: str


def cookie_name(*, local: bool) -> str:
    """`__Host-` ties the cookie to this host and to https; plain http on loopback cannot have it."""
    return "answerable_session" if local else "__Host-answerable_session"


def refuse() -> ProblemError:
    """The one reply to missing, unknown, revoked, expired and used-up credentials."""
    return ProblemError("not_authorized", headers={"WWW-Authenticate": "Bearer"})


@dataclass(slots=True, kw_only=True)
class Passes:
    """Credentials of operators that were good lately: figures are wanted most while the database is away.

    So a revoked one reads figures for up to `fresh_s` more, or `stale_s` while the database does not answer.
    """

    fresh_s: float = 60.0
    stale_s: float = 3600.0
    most: int = 100
    clock: Callable[[], float] = time.monotonic
    _seen: dict[str, tuple[float, Token]] = field(default_factory=dict)  # by the secret's hash

    async def checked(self, secret: str, check: Callable[[str], Awaitable[Token]]) -> Token:
        """What `check` says, or said. Raises what it raises."""
        name, now = sha256_hex(secret), self.clock()
        at, known = self._seen.get(name, (-self.stale_s, None))
        if known is not None and now - at < self.fresh_s:
            return known
        try:
            token = await check(secret)
        except Unreachable:
            if known is not None and now - at < self.stale_s:
                return known
            raise
        except ProblemError:
            self._seen.pop(name, None)
            raise
        if len(self._seen) >= self.most:
            self._seen.pop(next(iter(self._seen)))
        self._seen[name] = (now, token)
        return token


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Admits a request by its policy. One rule for every carrier of a credential."""

    tokens: Tokens
    local: bool
    passes: Passes = field(default_factory=Passes)

    async def admit(self, request: Request, policy: Policy) -> Caller | None:
        """The caller; None only where the route is public. Raises ProblemError."""
        if policy is Policy.PUBLIC:
            return None
        kind, secret = self._secret(request)

        async def check(secret: str) -> Token:
            return await self._check(secret, kind)

        token = await (self.passes.checked(secret, check) if policy is Policy.OPS else check(secret))
        caller = _caller(token)
        if not policy.admits(caller.principal.roles):
            raise ProblemError("forbidden")
        return caller

    def _secret(self, request: Request) -> tuple[str, str]:
        header = request.headers.get("authorization")
        if header is not None:
            scheme, _, secret = header.partition(" ")
            if scheme.lower() != "bearer" or not secret.strip():
                raise refuse()
            return "api", secret.strip()
        secret = request.cookies.get(cookie_name(local=self.local), "")
        if not secret:
            raise refuse()
        if request.method not in SAFE_METHODS and not same_origin(request):
            raise ProblemError("cross_site")
        return "session", secret

    async def _check(self, secret: str, kind: str) -> Token:
        try:
            token = await self.tokens.check(secret, kind=kind)
        except NotAuthorized as error:
            raise refuse() from error
        return token


def _caller(token: Token) -> Caller:
    return Caller(tenant=token.tenant, principal=token.principal, token_id=token.id)


def same_origin(request: Request) -> bool:
    """Whether a page of this very origin sent the request.

    Fetch metadata decides where the browser sends it (all current ones do, to https and to loopback); else the
    Origin header. `Origin: null`, which a form under `Referrer-Policy: no-referrer` sends, is not enough.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(request.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == request.headers.get("host", "")


class PolicedRoute(APIRoute):
    """A route that cannot exist without a policy, and asks it before it reads the body."""

    @property
    def policy(self) -> Policy:
        """Declared where the route is registered. Raises ConfigError when it was forgotten."""
        declared = (self.openapi_extra or {}).get(POLICY_KEY)
        if declared is None:
            raise ConfigError(f"the route {self.path} has no access policy", hint="name one in api/routes.py")
        return Policy(declared)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler behind the gate."""
        policy = self.policy
        handle = super().get_route_handler()

        async def admitted(request: Request) -> Response:
            gate: Gate = request.app.state.gate
            request.state.caller = await gate.admit(request, policy)
            return await handle(request)

        return admitted


def caller_of(request: Request) -> Caller:
    """The caller of a route that is not public."""
    caller = request.state.caller
    if not isinstance(caller, Caller):
        raise refuse()
    return caller
