"""Adding to the configuration file without disturbing what a person wrote in it."""

from __future__ import annotations

import json
import re
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from answerable.config.load import load
from answerable.config.settings import Settings
from answerable.core.errors import ConfigError

_HEADER = re.compile(r"\s*\[\[?\s*([\w.\"'-]+)\s*\]?\]\s*(#.*)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One key to set. `value` is as TOML writes it, None takes the key away; `source` names its [[source]]."""

    section: str  # e.g. retrieval; empty with a source
    key: str
    value: str | None
    source: str = ""

    @property
    def line(self) -> str:
        """As it stands in the file, or why it does not."""
        return f"# without {self.key}" if self.value is None else f"{self.key} = {self.value}"


def toml_value(value: object) -> str:
    """A plain value, or a flat mapping as an inline table, as TOML writes it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml_value(one)}" for key, one in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def edit_lines(edits: Iterable[Edit]) -> tuple[str, ...]:
    """The edits as lines for people: each under the table that it belongs to."""
    lines: list[str] = []
    for one in edits:
        head = f'# in the [[source]] with id = "{one.source}"' if one.source else f"[{one.section}]"
        if head not in lines:
            lines.append(head)
        lines.append(one.line)
    return tuple(lines)


def edit_config(config: Path, edits: Sequence[Edit]) -> None:
    """Set keys, and leave every other line and comment alone; what would not load stays as it was.

    Raises ConfigError, with the lines to write by hand where the file is written in a way that this cannot edit.
    """
    before = config.read_text(encoding="utf-8")
    _check_sources(before, edits)
    lines = before.splitlines()
    for one in edits:
        lines = _edited(lines, one)
    after = "\n".join(lines) + "\n"
    if after == before:
        return
    hint = "write by hand: " + "; ".join(edit_lines(edits))
    if not _says(after, edits):
        raise ConfigError(f"{config} is written in a way that cannot be edited", hint=hint)
    _write(config, after)
    try:
        load(config)
    except ConfigError as error:
        _write(config, before)
        raise ConfigError(
            f"{error}; nothing was changed",
            hint="give it a value that it takes; tried: " + "; ".join(edit_lines(edits)),
        ) from error


def _check_sources(text: str, edits: Sequence[Edit]) -> None:
    known = [str(one.get("id", "")) for one in tomllib.loads(text).get("source", ())]
    for one in edits:
        if one.source and one.source not in known:
            hint = f"configured: {', '.join(known) or 'none'}; tried: {'; '.join(edit_lines([one]))}"
            raise ConfigError(f"there is no source {one.source!r}", hint=hint)


def preview(config: Path, edits: Sequence[Edit]) -> Settings:
    """The settings as they would be with the edits. Raises ConfigError; the file stays as it is."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / config.name
        copy.write_text(config.read_text(encoding="utf-8"), encoding="utf-8")
        edit_config(copy, edits)
        return load(copy)


def undo_of(config: Path, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """The edits that put the keys back to what they are now."""
    whole = tomllib.loads(config.read_text(encoding="utf-8"))
    return tuple(replace(one, value=_present(whole, one)) for one in edits)


def _present(whole: Mapping[str, Any], edit: Edit) -> str | None:
    table = _table(whole, edit)
    return toml_value(table[edit.key]) if edit.key in table else None


def _table(whole: Mapping[str, Any], edit: Edit) -> Mapping[str, Any]:
    if edit.source:
        found: Mapping[str, Any] = next(
            (one for one in whole.get("source", ()) if one.get("id") == edit.source), {}
        )
        return found
    named: Mapping[str, Any] = whole.get(edit.section, {})
    return named


def _edited(lines: Sequence[str], edit: Edit) -> list[str]:
    found = _block(lines, edit)
    if edit.value is None:
        return _without(lines, edit, found)
    if found is None:
        return [*lines, *([""] if lines and lines[-1].strip() else []), f"[{edit.section}]", edit.line]
    start, end = found
    key = re.compile(rf"\s*{re.escape(edit.key)}\s*=")
    for n in range(start + 1, end):
        if key.match(lines[n]):
            return [*lines[:n], edit.line, *lines[n + 1 :]]
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    return [*lines[:end], edit.line, *lines[end:]]


def _without(lines: Sequence[str], edit: Edit, found: tuple[int, int] | None) -> list[str]:
    key = re.compile(rf"\s*{re.escape(edit.key)}\s*=")
    start, end = found or (0, 0)
    return [line for n, line in enumerate(lines) if not (start < n < end and key.match(line))]


def _block(lines: Sequence[str], edit: Edit) -> tuple[int, int] | None:
    """[start, end) of the table's lines, its header first."""
    heads = [n for n, line in enumerate(lines) if _HEADER.match(line)]
    for n, end in zip(heads, [*heads[1:], len(lines)], strict=True):
        head = _HEADER.match(lines[n])
        name = head.group(1) if head else ""
        if edit.source:
            if name == "source" and any(_names(line, edit.source) for line in lines[n + 1 : end]):
                return n, end
        elif name == edit.section and not lines[n].lstrip().startswith("[["):
            return n, end
    return None


def _names(line: str, source: str) -> bool:
    return re.match(rf"""\s*id\s*=\s*["']{re.escape(source)}["']\s*(#.*)?$""", line) is not None


def _says(text: str, edits: Sequence[Edit]) -> bool:
    """Whether the file, read again, has what was to be put into it."""
    try:
        whole = tomllib.loads(text)
        return all(_table(whole, one).get(one.key) == _wanted(one) for one in edits)
    except (tomllib.TOMLDecodeError, AttributeError):
        return False


def _wanted(edit: Edit) -> Any:
    return None if edit.value is None else tomllib.loads(edit.line)[edit.key]


def append_source(config: Path, keys: Mapping[str, object]) -> None:
    """Append a [[source]]; a file that would not load any more stays as it was. Raises ConfigError."""
    before = config.read_text(encoding="utf-8")
    lines = ["", "[[source]]", *(f"{key} = {toml_value(value)}" for key, value in keys.items() if value)]
    _write(config, before.rstrip("\n") + "\n" + "\n".join(lines) + "\n")
    try:
        load(config)
    except ConfigError:
        _write(config, before)
        raise


def _write(path: Path, text: str) -> None:
    """All of it or none of it."""
    temporary = path.with_suffix(".toml.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
