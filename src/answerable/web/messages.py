"""The texts of the interface: one JSON catalog a language, with `{name}` and plural placeholders.

The syntax is the part of ICU MessageFormat that the catalogs need:
`{n, plural, one {# source} other {# sources}}`; static/i18n.js reads the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CATALOGS = Path(__file__).parent / "catalogs"

_PLURAL = re.compile(r"\{(\w+), plural, one \{([^{}]*)\} other \{([^{}]*)\}\}")
_NAME = re.compile(r"\{(\w+)\}")
_ACCEPTED = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q=([0-9.]+))?\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """One language's texts."""

    language: str
    texts: Mapping[str, str]

    def say(self, key: str, values: Mapping[str, str | int] | None = None) -> str:
        """The text with its placeholders filled. Raises KeyError for a missing text or value."""
        return fill(self.texts[key], values or {})

    def known(self, key: str, otherwise: str) -> str:
        """The text, or `otherwise` for codes that no catalog has."""
        return self.texts.get(key, otherwise)


def fill(text: str, values: Mapping[str, str | int]) -> str:
    """Fill plural and plain placeholders. Raises KeyError for a missing value."""

    def plural(match: re.Match[str]) -> str:
        count = values[match.group(1)]
        chosen: str = match.group(2) if count == 1 else match.group(3)
        return chosen.replace("#", str(count))

    return _NAME.sub(lambda match: str(values[match.group(1)]), _PLURAL.sub(plural, text))


def placeholders(text: str) -> frozenset[str]:
    """The names a text needs; for the test that the catalogs agree."""
    plurals = frozenset(match.group(1) for match in _PLURAL.finditer(text))
    return plurals | frozenset(_NAME.findall(_PLURAL.sub("", text)))


def load(languages: tuple[str, ...]) -> dict[str, Messages]:
    """The catalogs by language; a language without a catalog is left out."""
    found: dict[str, Messages] = {}
    for language in languages:
        path = CATALOGS / f"{language}.json"
        if path.is_file():
            found[language] = Messages(language=language, texts=json.loads(path.read_text("utf-8")))
    return found


def choose(wanted: tuple[str | None, ...], accepted: str, *, offered: tuple[str, ...], default: str) -> str:
    """The first of `wanted` (query, cookie) that is offered, else by Accept-Language, else the default."""
    for one in wanted:
        if one in offered:
            return str(one)
    for one in _by_preference(accepted):
        if one in offered:
            return one
    return default


def _by_preference(accepted: str) -> list[str]:
    """The primary tags of an Accept-Language header, best first."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted[:500].split(",")):
        if match := _ACCEPTED.match(part):
            ranked.append((-_quality(match.group(2)), place, match.group(1).lower()))
    return [language for quality, _, language in sorted(ranked) if quality < 0]


def _quality(text: str | None) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
