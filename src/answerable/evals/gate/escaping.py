"""Other people's words in a report that a forge renders: they stay words, and nothing in them acts."""

from __future__ import annotations

import html
import re

_JOINER = "\u2060"  # takes no room, and parts what a forge would read as one
_SIGNS = re.compile(r"([#!~%$]|&amp;)(?=[\w\"\\])")  # #12, !12, ~label, %milestone, $3, &12
_NUMBERED = re.compile(r"\b(GH|gh)-(?=\d)")


def one_line(text: str) -> str:
    """Without line breaks: no line of a report begins with somebody else's words."""
    return " ".join(text.split())


def plain(text: str) -> str:
    """For Markdown: no markup, no HTML, no mention, no link, no reference to an issue."""
    escaped = html.escape(one_line(text), quote=False)
    for sign in "\\`*_[]|~":
        escaped = escaped.replace(sign, f"\\{sign}")
    return inert(escaped)


def raw(text: str) -> str:
    """For the text of an HTML block, never for an attribute: the same."""
    return inert(html.escape(one_line(text), quote=False))


def raw_piece(text: str) -> str:
    """A piece of a line, with the blanks at its ends."""
    return inert(html.escape(text, quote=False))


def inert(escaped: str) -> str:
    """Escaped text without what becomes a mention, a link or a reference by itself."""
    parted = escaped.replace("@", f"@{_JOINER}").replace("://", f":{_JOINER}//").replace("www.", f"www{_JOINER}.")
    return _NUMBERED.sub(rf"\1{_JOINER}-", _SIGNS.sub(rf"\1{_JOINER}", parted))
