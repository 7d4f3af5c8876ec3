"""Signing in elsewhere: the errand a browser is sent on, and what the provider says when it comes back."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from answerable.core.errors import NotAuthorized

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """Whom a provider vouches for. `groups` are the provider's own names."""

    person: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One secret in the browser's cookie, of which state, nonce and verifier are made: nothing is kept here, and
    who does not have the cookie can finish no errand."""

    secret: str

    @classmethod
    def new(cls) -> Errand:
        """256 random bits."""
        return cls(secret=secrets.token_urlsafe(32))

    @classmethod
    def kept(cls, secret: str, *, state: str) -> Errand:
        """The errand of a cookie. Raises NotAuthorized unless the state is this very browser's."""
        errand = cls(secret=secret)
        if not _SECRET.fullmatch(secret) or not hmac.compare_digest(errand.state.encode(), state.encode()):
            raise NotAuthorized("the sign-in was begun by another browser, or too long ago")
        return errand

    @property
    def state(self) -> str:
        """Ties the way back to the browser that was sent (RFC 6749, section 10.12)."""
        return self._made_for("state")

    @property
    def nonce(self) -> str:
        """Ties the ID token to this errand (OpenID Connect Core, section 15.5.2)."""
        return self._made_for("nonce")

    @property
    def verifier(self) -> str:
        """Of PKCE (RFC 7636): only who began can redeem the code."""
        return self._made_for("verifier")

    @property
    def challenge(self) -> str:
        """S256 of the verifier."""
        return _base64(hashlib.sha256(self.verifier.encode()).digest())

    def _made_for(self, use: str) -> str:
        return _base64(hmac.digest(self.secret.encode(), use.encode(), "sha256"))


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
