"""Who may do what: the one place where a request becomes a caller, or is turned away."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from answerable.api.credentials import Credential, credential_of, refuse
from answerable.api.entrance import bounded
from answerable.api.lockout import Lockout
from answerable.api.networks import network_at
from answerable.api.passes import Passes
from answerable.api.problems import ProblemError
from answerable.api.proxied import Proxied
from answerable.api.scopes import covers, scope_of
from answerable.core.errors import ConfigError, NotAuthorized
from answerable.core.ports import Token, Tokens
from answerable.core.query import Principal
from answerable.web.settings import SignIn

POLICY_KEY = "x-access"  # also shown in /openapi.json


class Policy(StrEnum):
    """What a route asks of its caller: a role of the principal, but for `public`; `admin` has every role."""

    PUBLIC = "public"
    USER = "user"
    REVIEWER = "reviewer"  # or engineer
    OPS = "ops"  # or engineer: figures of the process and its providers, nothing that people wrote
    EDITOR = "editor"  # or engineer: what decides answers, to be read and proposed anew
    ENGINEER = "engineer"
    AUDITOR = "auditor"  # who did what, and reports; nothing that people wrote. An engineer is no auditor
    ADMIN = "admin"  # who may what

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
    Policy.AUDITOR: frozenset({"auditor", "admin"}),
    Policy.ADMIN: frozenset({"admin"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """An authenticated request: whose data it may touch, and with which credential."""

    tenant: str
    principal: Principal
    token_id: str
    network: str = ""  # where it came from, to count by


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Admits a request by its policy and its credential's scopes. One rule for every carrier of a credential."""

    tokens: Tokens
    local: bool
    lockout: Lockout
    passes: Passes = field(default_factory=Passes)
    proxied: Proxied = field(default_factory=Proxied)
    rules: SignIn = field(default_factory=SignIn)

    async def admit(self, request: Request, policy: Policy, scope: str = "") -> Caller | None:
        """The caller; None only where the route is public. Raises ProblemError."""
        if policy is Policy.PUBLIC:
            return None
        self.proxied.check(request)
        credential = credential_of(request, local=self.local)
        network = network_at(request, trusted=self.proxied.proxies)

        async def check(given: Credential) -> Token:
            return await self.good(given, network)

        token = await (self.passes.checked(credential, check) if policy is Policy.OPS else check(credential))
        if token.made_by == "header":
            self.proxied.check_person(request, token.principal.id)
        principal = bounded(self.rules, token.principal, token.made_by)
        if not (policy.admits(principal.roles) and covers(token.scopes, scope)):
            raise ProblemError("forbidden")
        return Caller(tenant=token.tenant, principal=principal, token_id=token.id, network=network)

    async def good(self, credential: Credential, network: str) -> Token:
        """The token of a good credential. Raises ProblemError for any other, always the same, and counts it."""
        try:
            token = await self.tokens.check(credential.secret, kind=credential.kind)
        except NotAuthorized as error:
            await self.lockout.failed(network)
            raise refuse() from error
        if self.lockout.stops(network, token.id):  # no failure: who is locked out with others shall not prolong it
            raise refuse()
        self.lockout.passed(network, token.id)
        return token

    async def spend(self, secret: str, network: str) -> Token:
        """The same for a sign-in link, which is used up by it, but not in the name of a locked-out network."""
        stopped = self.lockout.stops(network, "")
        return await self.good(Credential(kind="session" if stopped else "once", secret=secret), network)


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
        policy, path = self.policy, self.path
        handle = super().get_route_handler()

        async def admitted(request: Request) -> Response:
            gate: Gate = request.app.state.gate
            request.state.caller = await gate.admit(request, policy, scope_of(request.method, path))
            return await handle(request)

        return admitted


def caller_of(request: Request) -> Caller:
    """The caller of a route that is not public."""
    caller = request.state.caller
    if not isinstance(caller, Caller):
        raise refuse()
    return caller
