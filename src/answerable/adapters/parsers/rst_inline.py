"""reStructuredText's inline markup, taken off."""

from __future__ import annotations

import re

from answerable.adapters.parsers.links import Links

_INLINE = re.compile(
    r"``(?P<literal>.+?)``"
    r"|:(?P<name>[\w:+.-]+):`(?P<role>[^`]+)`"
    r"|`(?P<link>[^`]+)`(?P<underscore>__?)?"
    r"|(?<![\w*])\*\*(?P<strong>\S(?:.*?\S)?)\*\*(?!\w)"
    r"|(?<![\w*])\*(?P<emphasis>[^\s*](?:[^*]*[^\s*])?)\*(?!\w)"
    r"|(?<![\w|])\|(?P<substitution>[^\s|][^|]{0,80}?)\|_{0,2}(?!\w)"
    r"|(?<![\w.])(?P<reference>[A-Za-z][\w.-]*?[A-Za-z0-9])__?(?!\w)"
    r"|\[#?(?P<footnote>[\w-]*)\]_"
    r"|\\(?P<escaped>.)",
    re.DOTALL,
)
_SERIES = {"pep": "PEP ", "rfc": "RFC "}
_TARGET = re.compile(r"(.*?)\s*<([^<>]+)>\Z", re.DOTALL)


def plain(text: str, links: Links) -> str:
    """The words of a paragraph, on one line."""

    def words(match: re.Match[str]) -> str:
        role, link = match.group("role"), match.group("link")
        if role is not None:
            if match.group("name") == "doc":  # `ref` may lead into other documentations: nothing can be said of it
                links.lead(f"doc:{_target(role)}")
            return _SERIES.get(match.group("name"), "") + _role(role)
        if link is not None:
            return _link(link, links)
        if match.group("footnote") is not None:
            return f"[{match.group('footnote')}]" if match.group("footnote") else ""
        if match.group("escaped") is not None:
            return match.group("escaped").strip()
        return next(group for group in match.groups() if group is not None)

    return _INLINE.sub(words, " ".join(text.split()))


def _target(text: str) -> str:
    titled = _TARGET.match(text)
    return " ".join((titled.group(2) if titled else text).split()).lstrip("!~")


def _role(text: str) -> str:
    titled = _TARGET.match(text)
    if titled and titled.group(1):
        return titled.group(1)
    name = titled.group(2) if titled else text
    return name.lstrip("~!").rpartition(".")[2] if name.startswith("~") else name.lstrip("!")


def _link(text: str, links: Links) -> str:
    titled = _TARGET.match(text)
    if not titled:
        return text
    label, target = titled.group(1) or titled.group(2), titled.group(2)
    return label if target.endswith("_") else label + links.follow(target, label)  # `name_` is a note elsewhere
