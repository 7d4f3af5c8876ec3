"""Addresses of our own pages: the one place that makes them."""

from __future__ import annotations

from urllib.parse import quote, urlencode


def outside_link(target: str) -> str | None:
    """A web or mail address that a page may link to; None for anything else, `javascript:` above all."""
    return target if target.lower().startswith(("https://", "http://", "mailto:")) else None


def source_link(
    document: str,
    *,
    version: int | None = None,
    chunk: str | None = None,
    start: int | None = None,
    end: int | None = None,
) -> str:
    """The deep link that shows a document with the passage [start, end) marked. Offsets in code points."""
    wanted = {"v": version, "c": chunk, "start": start, "end": end}
    given = {name: value for name, value in wanted.items() if value is not None}
    path = f"/sources/{quote(document, safe='/')}"
    return f"{path}?{urlencode(given)}" if given else path
