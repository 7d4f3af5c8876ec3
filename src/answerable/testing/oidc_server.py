"""An OpenID provider over a real socket, for tests: it signs people in without asking, and it can lie."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from answerable.testing.server import serving

CLIENT_ID, CLIENT_SECRET = "answerable", "a test's secret, good for nothing else"

LIES: Mapping[str, Mapping[str, Any]] = {
    "wrong nonce": {"nonce": "somebody else's"},
    "no nonce": {"nonce": None},
    "expired": {"exp": 1, "iat": 0},
    "old": {"iat": 1_000_000},
    "from the future": {"iat": 9_999_999_999, "exp": 9_999_999_999},
    "not yet": {"nbf": 9_999_999_999},
    "other audience": {"aud": "another application"},
    "several audiences": {"aud": [CLIENT_ID, "another application"]},
    "asked for by another": {"azp": "another application"},
    "other issuer": {"iss": "https://issuer.example"},
    "nobody": {"sub": ""},
    "unverified address": {"email_verified": False},
    "address verified in words": {"email_verified": "true"},
    "no address": {"email": None},
}
FORGERIES = ("alg none", "HS256 with the public key", "another key", "another key of the same id", "cut short")


@dataclass(slots=True, kw_only=True)
class OidcServer:
    """Set `email`, `groups`, and at most one of `lie` (a claim) and `forgery` (a signature)."""

    email: str = "ann@example.com"
    groups: tuple[str, ...] = ()
    lie: str = ""
    forgery: str = ""
    replayed: str = ""  # this very ID token instead of a new one
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}))
    other: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k2"}))
    url: str = ""
    requests: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)  # ID tokens
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> Starlette:
        """Its four addresses."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._facts),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
            ]
        )

    async def _facts(self, request: Request) -> Response:
        self.requests.append("facts")
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return JSONResponse({"issuer": self.url} | {name: f"{self.url}/{path}" for name, path in ends.items()})

    async def _keys(self, request: Request) -> Response:
        self.requests.append("keys")
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _authorize(self, request: Request) -> Response:
        self.requests.append("authorize")
        asked = dict(request.query_params)
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.url}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", status_code=303)

    async def _token(self, request: Request) -> Response:
        self.requests.append("token")
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self._codes.pop(form.get("code", ""), None)
        if asked is None or not self._is_the_client(request) or not _proves(form, asked):
            return JSONResponse({"error": "invalid_grant"}, 400)
        token = self.replayed or self._signed(self._claims(asked["nonce"]))
        self.given.append(token)
        return JSONResponse({"id_token": token, "access_token": "x", "token_type": "Bearer"})

    def _is_the_client(self, request: Request) -> bool:
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        return request.headers.get("authorization") == f"Basic {expected}"

    def _claims(self, nonce: str) -> dict[str, Any]:
        now = int(time.time())
        true = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": "1234",
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "email": self.email,
            "email_verified": True,
            "groups": list(self.groups),
        }
        told = true | dict(LIES.get(self.lie, {}))
        return {name: value for name, value in told.items() if value is not None}

    def _signed(self, claims: dict[str, Any]) -> str:
        match self.forgery:
            case "alg none":
                return f"{_part({'alg': 'none', 'kid': 'k1'})}.{_part(claims)}."
            case "HS256 with the public key":
                said = f"{_part({'alg': 'HS256', 'kid': 'k1'})}.{_part(claims)}"
                made = hmac.digest(self.key.as_pem(private=False), said.encode(), "sha256")
                return f"{said}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"
            case "another key":
                return jwt.encode({"alg": "RS256", "kid": "k2"}, claims, self.other, algorithms=["RS256"])
            case "another key of the same id":
                return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.other, algorithms=["RS256"])
        token = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.key, algorithms=["RS256"])
        return token.rpartition(".")[0] if self.forgery == "cut short" else token


def _proves(form: Mapping[str, str], asked: Mapping[str, str]) -> bool:
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return challenge == asked["code_challenge"] and form.get("redirect_uri") == asked["redirect_uri"]


def _part(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@asynccontextmanager
async def oidc_server() -> AsyncIterator[OidcServer]:
    """Running on loopback; `url` is its issuer."""
    server = OidcServer()
    async with serving(server.app()) as url:
        server.url = url
        yield server
