"""Settings of who may come in, and how they show who they are."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from answerable.config.section import Section
from answerable.config.values import Duration, Reference

Role = Literal["user", "reviewer", "editor", "ops", "engineer", "auditor", "admin"]
_SSO = re.compile(r"|link|oidc|header:[A-Za-z][A-Za-z0-9-]{0,63}")
_TAKEN = frozenset({"authorization", "cookie", "host", "origin", "x-forwarded-for", "forwarded"})
_LOOPBACK = ("http://127.0.0.1:", "http://localhost:", "http://[::1]:")


def _sso(value: object) -> str:
    text = str(value)
    if not _SSO.fullmatch(text) or text.lower().removeprefix("header:") in _TAKEN:
        raise ValueError(f"{text!r} is no way to sign in; write link, oidc or header:X-Forwarded-Email")
    return text


def _issuer(value: object) -> str:
    text = str(value).rstrip("/")
    if text and not text.startswith(("https://", *_LOOPBACK)):
        raise ValueError(f"{text!r} is no issuer; it begins with https://")
    return text


class OidcSection(Section):
    """An OpenID provider: authorization code with PKCE. docs/security/access.md has one example each."""

    issuer: Annotated[str, BeforeValidator(_issuer)] = Field("", description="As its ID tokens have it in `iss`.")
    client_id: str = Field("", description="Of this application at the provider.")
    client_secret: Reference | None = Field(None, description="env:NAME or file:PATH; none: a public client.")
    hosts: tuple[str, ...] = Field(
        (), description="Other hosts that the provider's endpoints may be at; the issuer's own always may."
    )
    scopes: tuple[str, ...] = Field(("openid", "email"), description="What is asked for.")
    algorithms: tuple[Literal["RS256", "PS256", "ES256", "EdDSA"], ...] = Field(
        ("RS256",), min_length=1, description="Signatures that an ID token may have; never a symmetric one."
    )
    person: str = Field("email", description="The claim that names the person; email must be verified as well.")
    groups: str = Field("groups", description="The claim with groups, for [access] groups; empty: none.")


class AccessSection(Section):
    """Who may come in. There is no default account: without `sso`, links and tokens from the command line do."""

    sso: Annotated[str, BeforeValidator(_sso)] = Field(
        "",
        description='"link", "oidc", or "header:NAME" from server.trusted_proxies; a must beyond this machine.',
    )
    public_url: Annotated[str, BeforeValidator(_issuer)] = Field(
        "",
        description="Where browsers reach this, e.g. https://help.example.com; cookies fit it, oidc returns.",
    )
    domains: tuple[str, ...] = Field(
        (), description="Who signs in by oidc or header must be of one of these e-mail domains; empty: any."
    )
    roles: dict[Role, tuple[str, ...]] = Field({}, description="People by role; whoever signs in is a user.")
    groups: dict[str, tuple[str, ...]] = Field(
        {}, description="What a group at the provider may read here: its name there = our groups."
    )
    session: Duration = Field(7 * 86_400.0, ge=60, description="A browser's session ends after this.")
    idle: Duration = Field(86_400.0, ge=60, description="And when it was not used for so long.")
    token: Duration = Field(90 * 86_400.0, description="How long a token is good when nobody says.")
    failures: Annotated[int, Field(ge=1, le=100_000)] = Field(
        30, description="Failed attempts of one network in the window, until it is locked out."
    )
    window: Duration = Field(300.0, ge=60, le=3600, description="Over which failed attempts are counted.")
    oidc: OidcSection = OidcSection()

    @property
    def header(self) -> str:
        """The trusted header's name, in lower case; empty: there is none."""
        return self.sso.lower().removeprefix("header:") if self.sso.startswith("header:") else ""

    @model_validator(mode="after")
    def _fits_together(self) -> AccessSection:
        missing = [key for key in ("issuer", "client_id") if not getattr(self.oidc, key)]
        if self.sso == "oidc" and (missing or not self.public_url):
            raise ValueError(f"sso = oidc needs access.{f'oidc.{missing[0]}' if missing else 'public_url'}")
        return self
