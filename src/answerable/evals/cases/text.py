"""Case files as text: YAML and JSON read strictly, with the line of every key, before anything is made of them.

Strict means: no key twice, no aliases (a short file could stand for a huge one), no tags, no deep nesting.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

DEPTH = 12  # a case needs four levels; a frozen trace in `origin` a few more
MAX_CHARS = 1_000_000  # of one case: a question with the passages that were frozen with it
_DIGITS = 300  # of a number; 1:59:59:… is one too, and grows with every colon
_STACK = 100  # levels that a tree is made of at all; past DEPTH it is refused with the key that it stands under


class TextError(ValueError):
    """The text is no mapping that can be read. `line` is 1-based; 0 where it is not known."""

    def __init__(self, message: str, *, line: int = 0, key: str = "", fix: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.key = key
        self.fix = fix


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What the text says, and on which line each key stands: ("expect", "must", 0) → 7."""

    value: dict[str, Any]
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)

    def line(self, location: Sequence[str | int]) -> int:
        """The line of a key, or of the nearest one above it."""
        path = tuple(location)
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)


_Fast: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # written in C, where that was built


class _Loader(_Fast):  # type: ignore[misc]
    """The safe loader, without numbers that take minutes to read.

    A day that there is not stays a text, so that the key it stands under can be named.
    """

    def construct_day(self, node: Any) -> Any:
        """What a timestamp stands for, or its text."""
        try:
            return self.construct_yaml_timestamp(node)
        except ValueError:
            return node.value

    def construct_integer(self, node: Any) -> Any:
        """A whole number. Raises TextError for a long one."""
        return self.construct_yaml_int(_short(node))

    def construct_fraction(self, node: Any) -> Any:
        """A number with a point. Raises TextError for a long one."""
        return self.construct_yaml_float(_short(node))


def _short(node: Any) -> Any:
    if len(node.value) > _DIGITS:
        raise TextError("has a number with too many digits", line=node.start_mark.line + 1, fix="quote it")
    return node


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_day)
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_integer)
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_fraction)


def parse_yaml(text: str) -> Parsed:
    """One YAML document that is a mapping, as a case is. Raises TextError."""
    _check_size(text)
    value, lines = _parse(text)
    if not isinstance(value, dict):
        raise TextError("is no mapping of keys to values", line=1, fix="write `id: …`, `question: …` …")
    return Parsed(value=value, lines=lines)


def parse_yaml_value(text: str) -> Any:
    """One YAML document of any size and kind, as strictly. Raises TextError."""
    return _parse(text)[0]


def _parse(text: str) -> tuple[Any, dict[tuple[str | int, ...], int]]:
    loader = _Loader(text)
    lines: dict[tuple[str | int, ...], int] = {}
    try:
        _check_depth(text)
        node = loader.get_single_node()
        if node is None:
            return None, lines
        _walk(node, (), lines, set())
        return loader.construct_document(node), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise TextError(
            f"is not valid YAML: {error.problem or error.context or 'unreadable'}",
            line=mark.line + 1 if mark else 0,
            fix='texts with `:`, `#` or a leading quote belong in "double quotes"',
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, TextError):
            raise
        raise TextError(f"is not valid YAML: {error}") from error
    finally:
        loader.dispose()


def _check_depth(text: str) -> None:
    """Before a tree is made: the fast loader has no limit of its own, and would end the process."""
    depth = 0
    event: Any
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _STACK:
            raise TextError("is nested too deeply", line=event.start_mark.line + 1)


def parse_json(text: str) -> Parsed:
    """One JSON object. Raises TextError."""
    _check_size(text)
    try:
        value = json.loads(text, object_pairs_hook=_unrepeated, parse_constant=_no_constant)
    except RecursionError as error:
        raise TextError("is nested too deeply") from error
    except ValueError as error:
        if isinstance(error, TextError):
            raise
        raise TextError(f"is not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise TextError("is no JSON object", fix='each line is one case: {"id": …, "question": …}')
    return Parsed(value=value)


def _check_size(text: str) -> None:
    if len(text) > MAX_CHARS:
        raise TextError(f"has {len(text):,} characters; a case may have {MAX_CHARS:,}")


def _walk(node: Any, path: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int], seen: set[int]) -> None:
    line = node.start_mark.line + 1
    if id(node) in seen:
        raise TextError("uses a YAML alias (`*name`)", line=line, key=_dotted(path), fix="write the value out")
    if len(path) > DEPTH:
        raise TextError("is nested too deeply", line=line, key=_dotted(path[:3]))
    seen.add(id(node))
    for part, key_line, child in _children(node, path):
        here = (*path, part)
        if here in lines:
            raise TextError(
                f"is there twice: lines {lines[here]} and {key_line}", line=key_line, key=_dotted(here)
            )
        lines[here] = key_line
        _walk(child, here, lines, seen)


def _children(node: Any, path: tuple[str | int, ...]) -> Iterable[tuple[str | int, int, Any]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise TextError("has a key that is no plain word", line=key.start_mark.line + 1, key=_dotted(path))
            yield key.value, key.start_mark.line + 1, value
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield index, item.start_mark.line + 1, item


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise TextError("is there twice", key=key)
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    raise TextError(f"{name} is no JSON value")


def _dotted(path: Sequence[str | int]) -> str:
    return ".".join(str(part) for part in path)
