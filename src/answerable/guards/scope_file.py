"""scope.md: what the assistant is for and not for, in plain language; compiled into rules and the page's words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from answerable.core.errors import ConfigError
from answerable.guards.scope_topics import Topic, compiled, says_something
from answerable.guards.scope_uses import USES, Use

MOST_CHARS = 20_000
MOST_PHRASES = 500
_LONGEST_PHRASE = 80
_HEADING = re.compile(r"^\s{0,3}#{1,4}\s+(?P<title>.+?)\s*#*\s*$")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_BULLET = re.compile(r"^\s{0,6}[-*+]\s+(?P<text>.+?)\s*$")
_NOT_FOR = re.compile(
    r"\b(?:not|never|no|cannot (?!help)|nicht|kein\w*|nie|nunca)\b|(?:does|is|will|do)n['’]t\b", re.I
)
_FOR = re.compile(r"\b(?:for|about|answers?|helps?|für|über|antwortet|hilft|para|sobre|responde|ayuda)\b", re.I)
_PHRASES = re.compile(r'"(?P<quoted>[^"]*)"|(?P<bare>[^,"]+)')
_QUOTES = str.maketrans("“”„«»", '"""""')
_WHEN = re.compile(r"(?:when|if|where|wenn|falls|cuando|si)\b", re.I)
Kind = Literal["topic", "use", "allowed use", "words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeLine:
    """What one bullet became. `words`: it speaks to the model and to people, and no rule knows it."""

    line: int
    text: str
    kind: Kind
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeBook:
    """A compiled scope.md. `turned_on` and `turned_off` are ids of rules of the shipped uses."""

    purpose: str = ""
    can: tuple[str, ...] = ()
    cannot: tuple[str, ...] = ()
    topics: tuple[Topic, ...] = ()
    turned_on: frozenset[str] = frozenset()
    turned_off: frozenset[str] = frozenset()
    lines: tuple[ScopeLine, ...] = ()

    @property
    def subjects(self) -> tuple[str, ...]:
        """What it is for in a few words each: what stands before the colon of a bullet."""
        return tuple(line.partition(":")[0].strip() for line in self.can)


@dataclass(slots=True, kw_only=True)
class _Section:
    kind: Literal["for", "not for", "other"] = "other"
    prose: list[str] = field(default_factory=list)


def read_scope(text: str, *, file: str = "scope.md", languages: Sequence[str] = ("en",)) -> ScopeBook:
    """Any Markdown is one; lists below headings that say `for` or `not for` become rules where they can.

    Raises ConfigError naming file and line for a list of phrases that cannot be compiled and for a contradiction.
    """
    if len(text) > MOST_CHARS:
        raise ConfigError(f"{file}: {len(text)} characters, at most {MOST_CHARS}", hint="say it shorter")
    reader = _Reader(file=file, languages=tuple(languages))
    for number, line in enumerate(without_comments(text).splitlines(), start=1):
        reader.feed(number, line)
    return reader.book()


@dataclass(slots=True, kw_only=True)
class _Reader:
    file: str
    languages: tuple[str, ...]
    section: _Section = field(default_factory=_Section)
    purpose: list[str] = field(default_factory=list)
    can: list[str] = field(default_factory=list)
    cannot: list[str] = field(default_factory=list)
    topics: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    allowed: dict[Use, int] = field(default_factory=dict)
    refused: dict[Use, int] = field(default_factory=dict)
    lines: list[ScopeLine] = field(default_factory=list)

    def feed(self, number: int, line: str) -> None:
        if heading := _HEADING.match(line):
            title = heading["title"]
            self.section = _Section(kind=_kind(title))
        elif bullet := _BULLET.match(line):
            self._bullet(number, bullet["text"])
        elif self.section.kind == "for" and line.strip() and not self.can and len(self.purpose) < 5:
            self.purpose.append(line.strip())

    def _bullet(self, number: int, text: str) -> None:
        if self.section.kind == "for":
            self.can.append(text)
            self._allow(number, text)
        elif self.section.kind == "not for":
            self.cannot.append(text.partition(":")[0].strip())
            self._refuse(number, text)

    def _allow(self, number: int, text: str) -> None:
        """A use that the bullet begins with is one that the assistant is there for."""
        begun = [use for use in USES if use.begins(text)]
        for use in begun:
            self._check(number, use, self.refused)
            self.allowed[use] = number
        self._note(number, text, "allowed use" if begun else "words", [id_ for use in begun for id_ in use.rules])

    def _refuse(self, number: int, text: str) -> None:
        name, colon, rest = text.translate(_QUOTES).partition(":")
        if colon:
            self._topic(number, name.strip(), rest)
            return
        named = [use for use in USES if use.named(text)]
        for use in named:
            self._check(number, use, self.allowed)
            self.refused[use] = number
        self._note(number, text, "use" if named else "words", [id_ for use in named for id_ in use.rules])

    def _check(self, number: int, use: Use, other: dict[Use, int]) -> None:
        if use in other:
            raise ConfigError(
                f"{self.file}:{number}: {use.name} is named here and, the other way, in line {other[use]}",
                hint="take it out of one of the lists",
            )

    def _topic(self, number: int, name: str, rest: str) -> None:
        phrases = list(self._phrases(number, name, rest))
        known = self.topics.setdefault(f"topic.{_slug(name)}", (number, []))
        known[1].extend(phrases)
        if sum(len(phrases) for _, phrases in self.topics.values()) > MOST_PHRASES:
            raise ConfigError(f"{self.file}:{number}: more than {MOST_PHRASES} phrases", hint="say it shorter")
        self._note(number, f"{name}: {rest.strip()}", "topic", [f"topic.{_slug(name)}"])

    def _phrases(self, number: int, name: str, rest: str) -> Iterator[str]:
        where = f"{self.file}:{number}: {name}"
        if rest.count('"') % 2:
            raise ConfigError(f"{where}: a quotation mark is missing", hint="quote a phrase on both sides")
        found = [(match["quoted"] or match["bare"] or "").strip(" .;") for match in _PHRASES.finditer(rest)]
        if not any(found):
            raise ConfigError(f"{where}: no phrase after the colon", hint=f"- {name}: a phrase, another one")
        for phrase in filter(None, found):
            if len(phrase) > _LONGEST_PHRASE:
                raise ConfigError(
                    f"{where}: a phrase of {len(phrase)} characters", hint="put commas between phrases"
                )
            if not says_something(phrase, self.languages):
                raise ConfigError(
                    f"{where}: {phrase!r} would be found in nearly every question", hint="write a rarer word"
                )
            yield phrase

    def _note(self, number: int, text: str, kind: Kind, rules: Sequence[str]) -> None:
        self.lines.append(ScopeLine(line=number, text=text, kind=kind, rules=tuple(rules)))

    def book(self) -> ScopeBook:
        return ScopeBook(
            purpose=" ".join(self.purpose),
            can=tuple(self.can),
            cannot=tuple(self.cannot),
            topics=tuple(compiled(id_, phrases, self.languages) for id_, (_, phrases) in self.topics.items()),
            turned_on=frozenset(id_ for use in self.refused for id_ in use.rules),
            turned_off=frozenset(id_ for use in self.allowed for id_ in use.rules),
            lines=tuple(self.lines),
        )


def _kind(title: str) -> Literal["for", "not for", "other"]:
    if _WHEN.match(title):
        return "other"
    if _NOT_FOR.search(title):
        return "not for"
    return "for" if _FOR.search(title) else "other"


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", name.casefold()).strip("-")[:40] or "unnamed"


def without_comments(text: str) -> str:
    """Without what stands in <!-- -->, each line at its place."""
    return _COMMENT.sub(lambda match: "\n" * match.group().count("\n"), text)
