"""Globs over uris: `*` within a name, `**` across folders; one without a slash matches in every folder."""

from __future__ import annotations

import re
from collections.abc import Iterable

EVERYTHING = ("**",)


def glob_pattern(globs: Iterable[str]) -> re.Pattern[str]:
    """Matches a whole uri by any of the globs; nothing where there is none."""
    expressions = [_expression(glob if "/" in glob or glob == "**" else f"**/{glob}") for glob in globs]
    return re.compile("|".join(expressions) or r"(?!)")


def _expression(glob: str) -> str:
    """A glob as a regular expression over the whole uri. `**/` stands for any number of folders."""
    parts = {"**/": r"(?:[^/]+/)*", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", glob.lstrip("/"))
    return "(?:" + "".join(parts.get(piece, re.escape(piece)) for piece in pieces) + r")\Z"
