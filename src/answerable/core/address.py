"""The address of a document's page: the one place that makes it."""

from __future__ import annotations

from urllib.parse import quote, urlencode


def source_address(
    document: str,
    *,
    version: int | None = None,
    chunk: str | None = None,
    start: int | None = None,
    end: int | None = None,
) -> str:
    """The path of a document's page, with the passage [start, end) marked. Offsets in code points."""
    wanted = {"v": version, "c": chunk, "start": start, "end": end}
    given = {name: value for name, value in wanted.items() if value is not None}
    path = f"/sources/{quote(document, safe='/')}"
    return f"{path}?{urlencode(given)}" if given else path
