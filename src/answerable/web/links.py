"""Which addresses a page may link to."""

from __future__ import annotations


def outside_link(target: str) -> str | None:
    """A web or mail address that a page may link to; None for anything else, `javascript:` above all."""
    return target if target.lower().startswith(("https://", "http://", "mailto:")) else None
