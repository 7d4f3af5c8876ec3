"""What a key means, its default and its kind: from the settings themselves, so that it is never out of date."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from answerable.config.load import section_of
from answerable.config.settings import Settings
from answerable.core.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One setting, by its dotted name."""

    name: str
    meaning: str
    kind: str
    default: str


def keys() -> list[Key]:
    """Every setting, in the order of the file."""
    return list(_walk("", Settings))


def explain(name: str) -> Key:
    """One setting. Raises ConfigError with the nearest name."""
    known = {key.name: key for key in keys()}
    if name not in known:
        close = difflib.get_close_matches(name, known, n=3)
        raise ConfigError(f"there is no key {name!r}", hint=f"did you mean {', '.join(close)}?" if close else "")
    return known[name]


def _walk(prefix: str, model: type[BaseModel]) -> Iterator[Key]:
    for name, field in model.model_fields.items():
        dotted = f"{prefix}{field.alias or name}"
        section = section_of(field.annotation)
        if section is not None:
            yield from _walk(f"{dotted}.", section)
        else:
            yield Key(
                name=dotted, meaning=field.description or "", kind=_kind(field.annotation), default=_default(field)
            )


def _kind(annotation: Any) -> str:
    name = getattr(annotation, "__name__", None)
    text = name if name and not getattr(annotation, "__args__", None) else str(annotation).replace("typing.", "")
    return _plain(text)


def _plain(kind: str) -> str:
    """The kind without the machinery that checks it."""
    kind = re.sub(r"Optional\[Annotated\[(\w+), .*\]\]", r"\1 | None", kind)
    return re.sub(r"Annotated\[([^,]+), .*?\]$", r"\1", kind)


def _default(field: FieldInfo) -> str:
    return "required" if field.is_required() else repr(field.default)
