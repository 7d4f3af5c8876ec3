"""Ids made from content, so that doing a thing twice is doing it once."""

from __future__ import annotations

import hashlib
import secrets

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32: no I, L, O, U to misread
_LETTERS = bytes(ord(_ALPHABET[byte & 31]) for byte in range(256))


def sha256_hex(data: str | bytes) -> str:
    """The SHA-256 of text (as UTF-8) or bytes, in 64 lower-case hex digits."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def content_id(prefix: str, *parts: str) -> str:
    """An id such as `ch_3f9a…` from what the thing is; parts are length-prefixed, so they cannot run together."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return f"{prefix}_{digest.hexdigest()[:24]}"


def random_id(prefix: str, *, length: int = 16) -> str:
    """An id such as `tr_7QK2…` for an event, which has no content before it happens: 5 random bits a character."""
    return f"{prefix}_{secrets.token_bytes(length).translate(_LETTERS).decode()}"
