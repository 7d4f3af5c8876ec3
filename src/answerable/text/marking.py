"""Text as data within a prompt: each line behind a token that its authors could not know."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from answerable.text.canonical import canonicalize

_TOKEN_BYTES = 4  # 2^32: nobody guesses one that lives for one call


def new_token(*texts: str) -> str:
    """Random for each call, and in none of the texts."""
    while True:
        token = secrets.token_hex(_TOKEN_BYTES)
        if not any(token in text for text in texts):
            return token


def numbered(texts: Sequence[str], token: str, *, most_chars: int) -> str:
    """The texts, each under its number from 1; what no reader sees is taken out, what is too long is cut.

    Datamarking as in Hines et al. 2024, arXiv:2403.14720, section 3.2.
    """
    return "\n\n".join(
        f"passage {number}\n{marked(text, token, most_chars=most_chars)}" for number, text in enumerate(texts, 1)
    )


def marked(text: str, token: str, *, most_chars: int) -> str:
    """The text line by line behind its token."""
    sound = text.encode("utf-8", "replace").decode()
    lines = canonicalize(sound).text.strip()[:most_chars].splitlines() or [""]
    return "\n".join(f"{token}| {line}".rstrip() for line in lines)
