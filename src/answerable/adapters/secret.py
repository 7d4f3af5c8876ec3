"""Bearer secrets: how they are made, recognized and hashed."""

from __future__ import annotations

import re
import secrets

from answerable.core.errors import NotAuthorized
from answerable.core.identity import sha256_hex

_SECRET = re.compile(r"ans_[A-Za-z0-9_-]{43}")


def new_secret() -> str:
    """256 random bits, in a form that secret scanners can know."""
    return f"ans_{secrets.token_urlsafe(32)}"


def secret_sha256(secret: str) -> str:
    """What is stored and looked up. Raises NotAuthorized for what cannot be one of ours.

    A plain hash is enough: there is nothing to guess in 256 random bits, so there is nothing to slow down.
    """
    if not _SECRET.fullmatch(secret):
        raise refused()
    return sha256_hex(secret)


def refused() -> NotAuthorized:
    """The same words whatever the reason: unknown, revoked, expired, used up, suspended."""
    return NotAuthorized("this token is not valid", hint="ask for a new one: `answerable token create`")
