"""YAML front matter: the block between two `---` lines at the top of a text file."""

from __future__ import annotations

import re
from typing import Any

import yaml

from answerable.core.errors import ParseError

_BLOCK = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_KEY = re.compile(r"^[A-Za-z_][\w -]*:(?:\s|$)", re.MULTILINE)
_MAX_CHARACTERS = 65_536


class _Strings(yaml.BaseLoader):
    """Every scalar stays the string that was written (`no` is Norwegian, not false); no aliases, so no bombs."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not allowed here")
        node: yaml.Node | None = super().compose_node(parent, index)
        return node


def split_front_matter(text: str, *, uri: str) -> tuple[dict[str, Any], str]:
    """(the values by key, the text after the block). ({}, text) when there is none. Raises ParseError."""
    match = _BLOCK.match(text)
    if match is None or not _KEY.search(match.group(1)) or match.end(1) > _MAX_CHARACTERS:
        return {}, text
    return read_yaml(match.group(1), uri=uri, what="front matter"), text[match.end() :]


def read_yaml(text: str, *, uri: str, what: str) -> dict[str, Any]:
    """A YAML mapping with strings, lists and mappings in it; {} for nothing. Raises ParseError naming the line."""
    try:
        values = yaml.load(text, Loader=_Strings)  # noqa: S506 - builds nothing but str, list and dict
    except yaml.MarkedYAMLError as exc:
        line = exc.problem_mark.line + 2 if exc.problem_mark else 1
        raise _error(uri, what, f"{exc.problem or exc.context} in line {line}") from exc
    except (yaml.YAMLError, RecursionError, ValueError) as exc:
        raise _error(uri, what, str(exc)[:200]) from exc
    if values in (None, ""):
        return {}
    if not isinstance(values, dict):
        raise _error(uri, what, "it is not a list of `key: value` lines")
    return values


def _error(uri: str, what: str, cause: str) -> ParseError:
    return ParseError(f"{uri}: the {what} is not valid YAML: {cause}", hint="Write one `key: value` a line.")
