"""Facts beside an event, by name and kind: short, JSON-able, and never what a person wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_CHARS = 300  # of a text
MAX_ITEMS = 100  # of a list, or of counts by name


def fault(event: str, known: Mapping[str, type], name: str, value: Any) -> str:
    """What is wrong with one fact, in words; empty where nothing is.

    `known` says the kind: str, int, float, bool, list (of texts) or dict (of a text to a number or a text).
    """
    kind = known.get(name)
    if kind is None:
        return f"{event} has no prop {name!r}"
    if not _fits(kind, value):
        return f"{event}.{name} is a {kind.__name__}, not {type(value).__name__}"
    if any(isinstance(text, str) and len(text) > MAX_CHARS for text in _texts(value)):
        return f"{event}.{name} has more than {MAX_CHARS} characters"
    if isinstance(value, list | tuple | dict) and len(value) > MAX_ITEMS:
        return f"{event}.{name} has more than {MAX_ITEMS} items"
    return ""


def _fits(kind: type, value: Any) -> bool:
    if isinstance(value, bool):
        return kind is bool
    if kind is list:
        return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
    if kind is dict:
        return isinstance(value, Mapping) and all(
            isinstance(key, str) and isinstance(one, str | int | float) for key, one in value.items()
        )
    return isinstance(value, (int, float) if kind is float else kind)


def _texts(value: Any) -> tuple[Any, ...]:
    if isinstance(value, Mapping):
        return (*value.keys(), *value.values())
    return tuple(value) if isinstance(value, list | tuple) else (value,)
