"""Credentials in a text: keys, tokens, passwords in addresses; by published form, never by entropy."""

from __future__ import annotations

import base64
import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A credential: text[start:end]."""

    rule: str
    start: int
    end: int


def _is_jwt(token: str) -> bool:
    """Whether the header is what RFC 7515 says: JSON, in base64url."""
    header = token.partition(".")[0]
    try:
        return isinstance(json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4))), dict)
    except ValueError:
        return False


_CHECKS: dict[str, Callable[[str], bool]] = {"jwt": _is_jwt}


@cache
def _rules() -> tuple[tuple[str, re.Pattern[str], tuple[str, ...]], ...]:
    data = tomllib.loads(resources.files(__package__).joinpath("rules", "secrets.toml").read_text("utf-8"))
    return tuple((row["id"], re.compile(row["pattern"]), tuple(row.get("needs", ("",)))) for row in data["rule"])


def secrets(text: str) -> list[Secret]:
    """Every credential, in order; of those that overlap the first rule's stays."""
    covered = bytearray(len(text))
    found = []
    for rule, pattern, needs in _rules():
        for match in pattern.finditer(text) if any(need in text for need in needs) else ():
            start, end = next((span for span in match.regs[1:] if span != (-1, -1)), match.span())
            if not any(covered[start:end]) and _CHECKS.get(rule, bool)(text[start:end]):
                covered[start:end] = b"\x01" * (end - start)
                found.append(Secret(rule=rule, start=start, end=end))
    return sorted(found, key=lambda one: one.start)


def without_secrets(text: str) -> str:
    """The text with [SECRET] for each credential; for whatever is logged, traced or exported."""
    parts, start = [], 0
    for one in secrets(text):
        parts += [text[start : one.start], "[SECRET]"]
        start = one.end
    return "".join([*parts, text[start:]])
