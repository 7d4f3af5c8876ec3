"""JSON Lines of people's making: one object a line, each checked, every complaint with its line and its key."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from answerable.core.errors import ConfigError

M = TypeVar("M", bound=BaseModel)


def read_lines(path: Path, model: type[M]) -> list[M]:
    """Every line that is not blank. Raises ConfigError naming the file, the line and the key."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path} cannot be read: {exc}", hint="JSON Lines in UTF-8: one object a line") from exc
    # Not splitlines(): U+2028 and its kin are lawful inside a JSON string.
    numbered = enumerate(text.replace("\r\n", "\n").split("\n"), start=1)
    return [_parsed(line, model, f"{path}, line {n}") for n, line in numbered if line.strip()]


def write_lines(rows: Iterable[BaseModel], path: Path) -> None:
    """Replace the file, whole or not at all; what is at its default is left out."""
    lines = [json.dumps(row.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False) for row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    beside.replace(path)


def _parsed(line: str, model: type[M], where: str) -> M:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise ConfigError(f"{where}: no JSON: {exc}", hint="one JSON object a line") from exc
    try:
        return model.model_validate(value)
    except ValidationError as exc:
        first = exc.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the line"
        raise ConfigError(
            f"{where}: {key}: {first['msg']}", hint=f"keys: {', '.join(model.model_fields)}"
        ) from exc
