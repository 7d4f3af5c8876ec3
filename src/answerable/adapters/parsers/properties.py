"""What a file says about itself: title, status, owner, dates, readers.

A file may narrow what its source grants, never widen it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from answerable.adapters.parsers.canonical import canonical
from answerable.core.document import PUBLIC
from answerable.core.errors import ParseError

STATUSES = ("published", "draft", "archived")
TRUSTS = ("public", "partner", "internal")  # from the least trusted
KEYS = frozenset({"title", "status", "owner", "language", "acl", "updated", "review_by", "tags", "trust"})
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?\Z", re.DOTALL)
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{2,8})*\Z", re.IGNORECASE)
_MAX_VALUE = 1_000  # characters of a meta value
_MAX_EXTRA = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Properties:
    """None where the file is silent."""

    title: str | None = None
    status: str | None = None
    owner: str | None = None
    language: str | None = None
    acl: tuple[str, ...] | None = None
    updated: date | None = None
    review_by: date | None = None
    tags: tuple[str, ...] | None = None
    trust: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


def read_properties(values: Mapping[str, Any], *, uri: str) -> Properties:
    """From front matter or its like: values are strings, lists or mappings. Unknown keys land in `extra`.

    Raises ParseError that names the key, the value and what is allowed.
    """
    known = {_key(name): value for name, value in values.items() if _key(name) in KEYS and value not in ("", None)}
    extra = {str(name)[:100]: as_text(value) for name, value in values.items() if _key(name) not in KEYS}
    reader = _Reader(known, uri)
    return Properties(
        title=reader.text("title"),
        status=reader.choice("status", STATUSES),
        owner=reader.text("owner"),
        language=reader.language(),
        acl=reader.names("acl"),
        updated=reader.date("updated"),
        review_by=reader.date("review_by"),
        tags=reader.names("tags"),
        trust=reader.choice("trust", TRUSTS),
        extra=dict(list(extra.items())[:_MAX_EXTRA]),
    )


def merge(first: Properties, second: Properties) -> Properties:
    """What the first says, and the second where the first is silent."""
    return Properties(
        title=first.title or second.title,
        status=first.status or second.status,
        owner=first.owner or second.owner,
        language=first.language or second.language,
        acl=first.acl if first.acl is not None else second.acl,
        updated=first.updated or second.updated,
        review_by=first.review_by or second.review_by,
        tags=first.tags if first.tags is not None else second.tags,
        trust=first.trust or second.trust,
        extra={**second.extra, **first.extra},
    )


def plausible(values: Mapping[str, str]) -> dict[str, str]:
    """Without the dates and languages that cannot be read: for metadata that programs write, not people."""
    kept = dict(values)
    if not _LANGUAGE.match(kept.get("language", "").strip()):
        kept.pop("language", None)
    for key in ("updated", "review_by"):
        if key in kept and _as_date(kept[key]) is None:
            del kept[key]
    return kept


def narrowed_acl(granted: tuple[str, ...], wanted: tuple[str, ...] | None, *, uri: str) -> tuple[str, ...]:
    """The groups that may read, sorted: never one that the source did not grant.

    Raises ParseError when the two have no group in common: the file would be readable by nobody.
    """
    if wanted is None or PUBLIC in wanted:
        return tuple(sorted(set(granted)))
    if PUBLIC in granted:
        return tuple(sorted(set(wanted)))
    both = tuple(sorted(set(granted) & set(wanted)))
    if not both:
        raise ParseError(
            f"{uri}: acl {', '.join(wanted)} names no group of its source ({', '.join(granted)})",
            hint="A file can only narrow its source's acl: name groups of the source, or leave acl out.",
        )
    return both


def narrowed_trust(granted: str, wanted: str | None) -> str:
    """The lower of the two."""
    return granted if wanted is None or TRUSTS.index(wanted) > TRUSTS.index(granted) else wanted


def refused(said: Properties, *, granted_acl: tuple[str, ...], granted_trust: str) -> tuple[str, ...]:
    """The keys by which the file asked for more than its source grants: somebody should look at it."""
    acl = said.acl is not None and PUBLIC not in granted_acl and not set(said.acl) <= set(granted_acl)
    trust = said.trust is not None and TRUSTS.index(said.trust) > TRUSTS.index(granted_trust)
    return tuple(key for key, asked in (("acl", acl), ("trust", trust)) if asked)


def as_text(value: Any) -> str:
    """A metadata value as one string: lists joined by commas, mappings as JSON, at most 1,000 characters."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = ", ".join(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return canonical(text)[0][:_MAX_VALUE]


def _key(name: object) -> str:
    return str(name).strip().lower().replace("-", "_")


def _as_date(value: str) -> date | None:
    match = _DATE.match(value.strip())
    try:
        return date.fromisoformat(match.group(1)) if match else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class _Reader:
    values: Mapping[str, Any]
    uri: str

    def text(self, key: str) -> str | None:
        value = self.values.get(key)
        if value is not None and not isinstance(value, str):
            raise self._wrong(key, "one line of text")
        return " ".join(as_text(value).split())[:500] or None if value is not None else None

    def choice(self, key: str, allowed: tuple[str, ...]) -> str | None:
        value = self.text(key)
        if value is None:
            return None
        if value.lower() not in allowed:
            raise self._wrong(key, "one of " + ", ".join(allowed))
        return value.lower()

    def names(self, key: str) -> tuple[str, ...] | None:
        value = self.values.get(key)
        if value is None:
            return None
        items = value.split(",") if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise self._wrong(key, "a list of names")
        names = tuple(dict.fromkeys(name for item in items if (name := as_text(item).strip())))
        if not names and key == "acl":
            raise self._wrong(key, "at least one group")
        return names

    def date(self, key: str) -> date | None:
        value = self.text(key)
        if value is None:
            return None
        found = _as_date(value)
        if found is None:
            raise self._wrong(key, "a date such as 2026-05-31")
        return found

    def language(self) -> str | None:
        value = self.text("language")
        if value is None:
            return None
        match = _LANGUAGE.match(value)
        if match is None:
            raise self._wrong("language", "a language code such as en, de or es")
        return match.group(1).lower()

    def _wrong(self, key: str, allowed: str) -> ParseError:
        return ParseError(
            f"{self.uri}: {key} = {as_text(self.values[key])!r} is not allowed: it must be {allowed}",
            hint=f"Correct {key} in the file's own metadata.",
        )
