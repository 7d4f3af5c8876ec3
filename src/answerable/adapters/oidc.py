"""An OpenID provider: the authorization code flow with PKCE, and an ID token that is checked before it counts."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2

from answerable.adapters.id_token import Expected, checked_claims, usable_keys
from answerable.core.errors import ConfigError, NotAuthorized, Unreachable
from answerable.core.vouching import Errand, Voucher

log = logging.getLogger(__name__)

TIMEOUT_S = 5.0
MAX_BYTES = 262_144
FACTS_S = 600.0  # how long what the provider says of itself is believed
AGAIN_S = 30.0  # a key that is not known makes us look again, but not more often
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """This application at its provider."""

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    hosts: tuple[str, ...] = ()  # besides the issuer's own
    scopes: tuple[str, ...] = ("openid", "email")
    algorithms: tuple[str, ...] = ("RS256",)
    person: str = "email"
    groups: str = "groups"


@dataclass(slots=True, kw_only=True)
class OidcProvider:
    """The IdentityProvider port. Speaks to the issuer's host and the configured ones, follows no redirect."""

    registration: Registration
    client: httpx2.AsyncClient
    now: Callable[[], float] = time.time
    clock: Callable[[], float] = time.monotonic
    _facts: tuple[float, Mapping[str, str]] | None = None
    _keys: tuple[float, Sequence[Mapping[str, Any]]] | None = None

    async def address(self, errand: Errand, *, returning_to: str) -> str:
        """Where to send the browser. Raises Unreachable, and ConfigError for another provider than was named."""
        facts = await self._discovered()
        wanted = {
            "response_type": "code",
            "client_id": self.registration.client_id,
            "redirect_uri": returning_to,
            "scope": " ".join(self.registration.scopes),
            "state": errand.state,
            "nonce": errand.nonce,
            "code_challenge": errand.challenge,
            "code_challenge_method": "S256",
        }
        start = facts["authorization_endpoint"]
        return f"{start}{'&' if urlsplit(start).query else '?'}{urlencode(wanted)}"

    async def voucher(self, code: str, errand: Errand, *, issuer: str, returning_to: str) -> Voucher:
        """Redeem the code and check what comes. Raises NotAuthorized for what is not right, and Unreachable."""
        registration = self.registration
        if issuer and issuer != registration.issuer:  # RFC 9207: the way back began at another provider
            raise NotAuthorized("the answer is another provider's")
        token = await self._redeemed(code, errand, returning_to)
        expected = Expected(
            issuer=registration.issuer,
            client_id=registration.client_id,
            nonce=errand.nonce,
            algorithms=registration.algorithms,
            now=self.now(),
        )
        return self._vouched(checked_claims(token, await self._keys_for(token), expected))

    def _vouched(self, claims: Mapping[str, Any]) -> Voucher:
        registration = self.registration
        person = claims.get(registration.person)
        if not isinstance(person, str) or not 0 < len(person) <= 200 or not person.isprintable():
            raise NotAuthorized(f"the ID token has no usable claim {registration.person!r}")
        if registration.person == "email" and claims.get("email_verified") is not True:
            raise NotAuthorized("the provider has not verified the e-mail address")
        groups = claims.get(registration.groups) if registration.groups else None
        named = tuple(one for one in groups if isinstance(one, str)) if isinstance(groups, list) else ()
        return Voucher(person=_same_for_all(person), groups=named)

    async def _redeemed(self, code: str, errand: Errand, returning_to: str) -> str:
        registration = self.registration
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": returning_to,
            "client_id": registration.client_id,
            "code_verifier": errand.verifier,
        }
        auth = (registration.client_id, registration.client_secret) if registration.client_secret else None
        facts = await self._discovered()
        found = await self._asked("POST", facts["token_endpoint"], form=form, auth=auth)
        token = found.get("id_token")
        if not isinstance(token, str):
            raise NotAuthorized("the provider gave no ID token")
        return token

    async def _keys_for(self, token: str) -> Sequence[Mapping[str, Any]]:
        """The provider's keys; read again where none of them could have signed the token."""
        age = self.clock() - self._keys[0] if self._keys else FACTS_S
        stale = age >= FACTS_S or (age >= AGAIN_S and self._keys and not usable_keys(token, self._keys[1]))
        if self._keys is None or stale:
            facts = await self._discovered()
            found = (await self._asked("GET", facts["jwks_uri"])).get("keys")
            keys = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
            self._keys = (self.clock(), keys)
        return self._keys[1]

    async def _discovered(self) -> Mapping[str, str]:
        if self._facts is None or self.clock() - self._facts[0] >= FACTS_S:
            issuer = self.registration.issuer
            said = await self._asked("GET", f"{issuer}/.well-known/openid-configuration")
            if said.get("issuer") != issuer:
                raise ConfigError(
                    f"the provider at {issuer} calls itself {said.get('issuer')!r}",
                    hint="check access.oidc.issuer",
                )
            facts = {name: str(said.get(name, "")) for name in _ENDPOINTS}
            for name, url in facts.items():
                self._check_host(name, url)
            self._facts = (self.clock(), facts)
        return self._facts[1]

    def _check_host(self, name: str, url: str) -> None:
        parts, own = urlsplit(url), urlsplit(self.registration.issuer)
        secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        known = parts.netloc == own.netloc or parts.netloc in self.registration.hosts
        if not secure or not known or "@" in parts.netloc:
            raise ConfigError(
                f"the provider's {name} is at {parts.netloc or url!r}, which is not its own host",
                hint="if that is right, add the host to access.oidc.hosts",
            )

    async def _asked(
        self,
        method: str,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> dict[str, Any]:
        """One JSON object. Raises Unreachable, and NotAuthorized where the provider refuses (4xx)."""
        host = urlsplit(url).netloc
        try:
            async with self.client.stream(
                method, url, data=dict(form) if form else None, auth=auth, headers={"accept": "application/json"}
            ) as response:
                body = b""
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > MAX_BYTES:
                        raise Unreachable(f"{host} says more than {MAX_BYTES} bytes", hint="check access.oidc")
                status = response.status_code
        except httpx2.HTTPError as error:
            hint = "check access.oidc.issuer; is it up?"
            raise Unreachable(f"the sign-in provider {host} does not answer", hint=hint) from error
        if 400 <= status < 500 and method == "POST":
            raise NotAuthorized(f"the provider refuses the code ({status})")
        return _object(body, status, host)


def _same_for_all(person: str) -> str:
    """An e-mail address in lower case, as people write it both ways; any other name as it is: two that differ in
    case may be two people (OpenID Connect Core, section 2), and so may two that Unicode's lower case makes one."""
    return person.lower() if person.isascii() and "@" in person else person


def _object(body: bytes, status: int, host: str) -> dict[str, Any]:
    try:
        said = json.loads(body) if status == httpx2.codes.OK else None
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        hint = "check access.oidc.issuer"
        raise Unreachable(f"the sign-in provider {host} answers {status} and no JSON", hint=hint)
    return said


def open_client() -> httpx2.AsyncClient:
    """Without redirects, proxies from the environment, or patience."""
    return httpx2.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False)
