"""A file of patterns of a project's own, guards/*.yaml, read with the line of whatever is wrong in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import re2
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from answerable.core.errors import ConfigError
from answerable.guards.brand import MASKED, BrandPattern, compiled, phrase_pattern

MOST_PATTERNS = 500
_HINT = "see docs/security/policy.md for the keys of a pattern"
_SAMPLES = ("", " ", "a", "The order is on its way.")  # whoever hits these hits everything


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")
    pattern: str = ""
    phrase: str = ""
    languages: list[Annotated[str, Field(pattern=r"^[a-z]{2}$")]] = []
    action: Literal["flag", "mask", "block"] = "block"
    replacement: str = MASKED
    reason: str = Field(min_length=3, max_length=200)


def read_brand(path: Path) -> tuple[BrandPattern, ...]:
    """The patterns of a file, in its order. Raises ConfigError naming file, line, cause and fix."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}", hint="guard.output.patterns names files") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ConfigError(f"{path}:{mark.line + 1 if mark else 1}: is not valid YAML", hint=_HINT) from error
    if node is None:
        return ()
    rows = list(_rows(path, node))
    _check_ids(path, rows)
    return tuple(_pattern(path, line, row) for line, row in rows)


def _rows(path: Path, node: yaml.Node) -> Iterator[tuple[int, _Row]]:
    keys = _mapping(path, node) if isinstance(node, yaml.MappingNode) else {}
    top = keys.get("patterns")
    if not isinstance(top, yaml.SequenceNode) or len(keys) != 1:
        raise ConfigError(f"{path}:1: has to hold one key, `patterns`, with a list", hint=_HINT)
    if len(top.value) > MOST_PATTERNS:
        raise ConfigError(f"{path}: {len(top.value)} patterns, at most {MOST_PATTERNS}", hint="join some with |")
    for one in top.value:
        yield one.start_mark.line + 1, _row(path, one)


def _row(path: Path, node: yaml.Node) -> _Row:
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(f"{path}:{line}: a pattern is a list of keys: id, phrase or pattern, reason", hint=_HINT)
    places = {key: value.start_mark.line + 1 for key, value in _mapping(path, node).items()}
    value = yaml.SafeLoader("").construct_document(node)
    try:
        row = _Row.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]) if first["loc"] else ""
        cause = "there is no such key" if first["type"] == "extra_forbidden" else first["msg"].lower()
        raise ConfigError(f"{path}:{places.get(key, line)}: {key}: {cause}", hint=_HINT) from error
    if bool(row.pattern) == bool(row.phrase.strip()):
        raise ConfigError(f"{path}:{line}: {row.id}: give either a phrase or a pattern", hint=_HINT)
    return row


def _mapping(path: Path, node: yaml.MappingNode) -> dict[str, yaml.Node]:
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if key.value in found:
            raise ConfigError(f"{path}:{key.start_mark.line + 1}: {key.value} stands here twice", hint=_HINT)
        found[str(key.value)] = value
    return found


def _check_ids(path: Path, rows: list[tuple[int, _Row]]) -> None:
    seen: dict[str, int] = {}
    for line, row in rows:
        if row.id in seen:
            raise ConfigError(f"{path}:{line}: the id {row.id} is that of line {seen[row.id]}", hint="rename one")
        seen[row.id] = line


def _pattern(path: Path, line: int, row: _Row) -> BrandPattern:
    try:
        pattern = compiled(row.pattern or phrase_pattern(row.phrase))
    except re2.error as error:
        cause = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise ConfigError(
            f"{path}:{line}: {row.id}: {row.pattern!r} is no pattern: {cause}",
            hint="re2 syntax: no look-around, no back-references",
        ) from error
    if any(pattern.search(sample) for sample in _SAMPLES[:2]) or all(map(pattern.search, _SAMPLES[2:])):
        raise ConfigError(f"{path}:{line}: {row.id}: it finds everything", hint="write a narrower pattern")
    if row.action == "mask" and pattern.search(row.replacement):
        raise ConfigError(f"{path}:{line}: {row.id}: its replacement is found again", hint="write another one")
    return BrandPattern(
        id=row.id,
        pattern=pattern,
        action=row.action,
        reason=row.reason,
        languages=tuple(row.languages),
        replacement=row.replacement,
    )
