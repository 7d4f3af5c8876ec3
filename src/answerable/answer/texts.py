"""What the product itself says, by language: catalogs of plain text, overridable by a project's own files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources

LANGUAGES = ("en", "de", "es")


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Looks a text up: the project's own first, then the shipped one, then English."""

    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # language → key → text

    def say(self, key: str, language: str, values: Mapping[str, str] | None = None) -> str:
        """The text with its values put in. An unknown language speaks English; an unknown key is a KeyError."""
        own = self.own.get(language, {})
        text = own.get(key) or shipped(language).get(key) or shipped("en")[key]
        return text.format_map(dict(values or {}))


@lru_cache(maxsize=8)
def shipped(language: str) -> Mapping[str, str]:
    """The shipped catalog of a language; empty for one that is not shipped."""
    if language not in LANGUAGES:
        return {}
    path = resources.files("answerable.answer") / "catalogs" / f"{language}.json"
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found
