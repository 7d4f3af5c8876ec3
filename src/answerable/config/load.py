"""Reading the one file: TOML, then the environment (ANSWERABLE_SECTION__KEY) on top."""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from answerable.config.settings import Settings
from answerable.core.errors import ConfigError

FILE = "answerable.toml"
_PREFIX = "ANSWERABLE_"


def find_config(start: Path) -> Path | None:
    """The nearest answerable.toml, from a folder upwards."""
    folder = start.resolve()
    for one in (folder, *folder.parents):
        if (one / FILE).is_file():
            return one / FILE
    return None


def load(path: Path | None, *, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings; all defaults without a file. Raises ConfigError that names the key and what it may be."""
    given = _read(path) if path else {}
    for name, value in environment.items():
        if name.startswith(_PREFIX) and "__" in name:
            _put(given, name.removeprefix(_PREFIX).lower().split("__"), value)
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        raise ConfigError(
            _explain(error, path), hint="answerable config explain KEY tells what a key may be"
        ) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error


def _put(given: dict[str, Any], keys: list[str], value: str) -> None:
    place: Any = given
    for key in keys[:-1]:
        place = place.setdefault(key, {}) if isinstance(place, dict) else None
    if isinstance(place, dict):
        place[keys[-1]] = parse_value(value)


def parse_value(text: str) -> Any:
    """Lists, numbers and true/false as JSON writes them; everything else is a string."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _explain(error: ValidationError, path: Path | None) -> str:
    lines = []
    for one in error.errors():
        key = ".".join(str(part) for part in one["loc"]) or "the configuration"
        if one["type"] == "extra_forbidden":
            lines.append(f"{key}: there is no such key{_nearest(one['loc'])}")
        elif one["type"] == "missing":
            lines.append(f"{key}: is required")
        else:
            lines.append(f"{key}: {one['msg'].removeprefix('Value error, ')}")
    place = path.name if path else "the environment"
    return f"{place}: " + "; ".join(lines)


def _nearest(location: tuple[int | str, ...]) -> str:
    known = _keys(location[:-1])
    close = difflib.get_close_matches(str(location[-1]), known, n=1)
    return (
        f"; did you mean {close[0]!r}?" if close else f"; known here: {', '.join(sorted(known))}" if known else ""
    )


def _keys(location: tuple[int | str, ...]) -> list[str]:
    """The keys that a place in the configuration knows."""
    model: Any = Settings
    for part in location:
        if isinstance(part, int) or not (isinstance(model, type) and issubclass(model, BaseModel)):
            continue
        field = model.model_fields.get(part)
        model = section_of(field.annotation) if field else None
    if isinstance(model, type) and issubclass(model, BaseModel):
        return [field.alias or name for name, field in model.model_fields.items()]
    return []


def section_of(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        if found := section_of(argument):
            return found
    return None
