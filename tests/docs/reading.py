"""The project's own pages, and what they name: commands, keys, links."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from answerable.app.alerts.messages import EVENTS as MESSAGES
from answerable.core.happenings import NAMES as HAPPENINGS
from tests.docs.reference import ROOT

_FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.M | re.S)
_INDENTED = re.compile(r"(?:^(?: {4}|\t)[^\n]*\n)+", re.M)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"(?:^|[\s`$(/])answerable ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)?)([^\n`|)#]*)", re.M)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_KEY = re.compile(r"[a-z_]+(?:\.[a-z_]+)+")
# Tables of tables, by a name of the reader's own.
_BY_NAME = ("provider.", "price.", "reranker.", "alerts.webhook.", "alerts.rule.")
_OPTION = re.compile(r"(?<=\s)--?[a-z][a-z-]*")


def pages() -> list[Path]:
    """Every page for people: the root's, docs with the decisions, and the template of a project."""
    template = ROOT / "src/answerable/cli/templates/project/README.md"
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), template])


def blocks(text: str, language: str | None = None) -> list[str]:
    """The fenced blocks, of one language or of all."""
    return [body for name, body in _FENCE.findall(text) if language in (None, name)]


def indented(text: str) -> list[str]:
    """The blocks that are indented by four blanks, without them."""
    bare = _FENCE.sub("\n", text)
    return [re.sub(r"^ {4}", "", block, flags=re.M) for block in _INDENTED.findall(bare)]


def code(text: str) -> list[str]:
    """Everything that is set as code."""
    return [*blocks(text), *indented(text), *spans(text)]


def spans(text: str) -> list[str]:
    """What stands between single backticks."""
    return _SPAN.findall(_FENCE.sub("\n", text))


def named_commands(text: str) -> Iterator[tuple[str, set[str]]]:
    """The words after `answerable` (one or two), and the options on the same line; quoted text left out."""
    for piece in code(text):
        for words, rest in _COMMAND.findall(_QUOTED.sub("Q", piece)):
            yield words, set(_OPTION.findall(rest.split("&&")[0]))


def named_keys(text: str, sections: set[str]) -> Iterator[str]:
    """Dotted names in single backticks that begin with a section, `answer.deadline`, and those of TOML blocks."""
    for span in spans(text):
        is_file = span.endswith((".md", ".toml", ".py", ".json", ".yaml", ".lock"))
        if span in HAPPENINGS or span in MESSAGES.values() or is_file:
            continue
        if _KEY.fullmatch(span) and span.partition(".")[0] in sections:
            yield span
    for block in blocks(text, "toml"):
        yield from _flat("", tomllib.loads(block))


def _flat(prefix: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            named = prefix in _BY_NAME and not _is_plain(one)
            yield from (
                _flat(prefix if named else f"{prefix}{name}.", one)
                if isinstance(one, Mapping | list)
                else [f"{prefix}{name}"]
            )
    elif all(isinstance(one, Mapping) for one in value):
        for one in value:
            yield from _flat(prefix, one)
    else:
        yield prefix.rstrip(".")


def _is_plain(one: Any) -> bool:
    """A table of files and their hashes is a value, not the table of somebody's own name."""
    return isinstance(one, Mapping) and any("." in key for key in one)


def relative_links(text: str) -> list[str]:
    """Targets of links that stay in the repository."""
    return [one for one in _LINK.findall(text) if "://" not in one and not one.startswith("mailto:")]
