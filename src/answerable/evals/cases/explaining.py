"""What is wrong with a case file's keys and values, in words that name the cause and the fix."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, get_args

from pydantic import BaseModel

from answerable.core.outcome import Outcome

# What stands where pydantic would speak of Python's types, and how it is written in YAML.
_WANTED = {
    "tuple_type": ("list", "[one, another]"),
    "dict_type": ("mapping", "{key: value}"),
    "model_type": ("mapping", "{key: value}"),
    "model_attributes_type": ("mapping", "{key: value}"),
}


def explain(error: Any, location: list[str | int], *, model: type[BaseModel]) -> tuple[str, str]:
    """What is wrong at the key, and what to do. `error` is pydantic's; `model` is the whole file's."""
    kind, given = error["type"], error["input"]
    if kind == "extra_forbidden":
        return _unknown_key(location, model)
    if kind == "missing":
        return "is required", f"add `{location[-1]}: …`"
    if kind == "enum":
        names = [str(one) for one in Outcome]
        return f"there is no outcome {given!r}{_nearest(str(given), names)}", f"outcomes: {', '.join(names)}"
    if kind == "string_type":
        return f"is no text but {_yaml_type(given)} ({given!r})", 'YAML reads it so; write it in "quotes"'
    if kind in ("string_pattern_mismatch", "string_too_short"):
        return _shape(str(given), location)
    if wanted := _WANTED.get(kind):
        return f"is no {wanted[0]} but {_yaml_type(given)} ({given!r})", f"write it as {wanted[1]}"
    return error["msg"].removeprefix("Value error, "), ""


def _unknown_key(location: list[str | int], model: type[BaseModel]) -> tuple[str, str]:
    known = _known_keys(location[:-1], model)
    name = str(location[-1])
    if name in model.model_fields and len(location) > 1:
        return "there is no such key here", f"`{name}` stands at the top of the file, not under `{location[0]}`"
    if len(location) == 1 and name in _known_keys(["expect"], model):
        return "there is no such key here", f"`{name}` belongs under `expect:`"
    return f"there is no such key{_nearest(name, known)}", f"keys here: {', '.join(known)}"


def _known_keys(location: list[str | int], model: type[BaseModel]) -> list[str]:
    for part in location:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := _model_in(one))), None)


def _shape(given: str, location: list[str | int]) -> tuple[str, str]:
    if not given.strip():
        return "is empty", "give it words, or leave the key out"
    fixes = {
        "id": "lower-case letters and digits, with - . _ between them: typo-lost-bud",
        "criteria": "lower-case letters and digits, with - . _ between them",
        "tags": "letters, digits and - . _ without blanks: must-pass",
        "language": "an ISO code: en, de, pt-BR",
        "gold_version": "sha256: and 64 hex digits; `answerable case confirm ID` writes it",
    }
    return f"{given!r} has a form that is not allowed", next(
        (fix for key, fix in fixes.items() if key in location), ""
    )


class _YamlType(StrEnum):
    TEXT = "a text"
    BOOL = "true/false"
    NUMBER = "a number"
    DATE = "a date"
    NOTHING = "nothing"
    LIST = "a list"
    MAPPING = "a mapping"


def _yaml_type(value: object) -> str:
    kinds: tuple[tuple[type | tuple[type, ...], _YamlType], ...] = (
        (str, _YamlType.TEXT),
        (bool, _YamlType.BOOL),
        ((int, float), _YamlType.NUMBER),
        (date, _YamlType.DATE),
        (type(None), _YamlType.NOTHING),
        ((list, tuple), _YamlType.LIST),
        (Mapping, _YamlType.MAPPING),
    )
    return str(next((name for kind, name in kinds if isinstance(value, kind)), type(value).__name__))


def _nearest(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
