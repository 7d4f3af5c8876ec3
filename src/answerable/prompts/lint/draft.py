"""A file that is, or is meant to be, a prompt: read leniently, with the place of everything in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

from answerable.core.errors import ConfigError
from answerable.prompts.file import STANDARD
from answerable.prompts.front import composed
from answerable.prompts.include import MOST_CHARS, Read, expand, shipped_part
from answerable.prompts.lint.finding import Finding
from answerable.prompts.lint.rule import rules
from answerable.prompts.lint.spans import COMMENTS, EXPRESSIONS, blanked, spans
from answerable.prompts.prompt import USER_PART
from answerable.prompts.template import names

_FRONT = re.compile(r"\A---\n(.*?)^---\n", re.DOTALL | re.MULTILINE)


_PLAIN = re.compile(r"\{\{-?\s*(\w+)\s*-?\}\}")
_NAME = re.compile(r"\b(?!if\b|for\b|in\b|is\b|not\b|and\b|or\b|set\b|end\w+|else\b|elif\b)[a-z_]\w*")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_LOOSE = re.compile(r"\$?\{+\s*(\w+)\s*\}+|%\((\w+)\)s")  # of a text that is no prompt file: any engine's
_USERS = re.compile(
    r"(?i)question|query|user|customer|client|person|message|request|history|conversation|chat|mail|ticket|feedback"
    r"|frage|anfrage|nachricht|verlauf|pregunta|consulta|mensaje"
)
_DOCUMENTS = re.compile(
    r"(?i)context|passages?|documents?|sources?|material|excerpts?|chunks?|evidence|results?|pages?|knowledge|answers?"
    r"|kontext|quellen?|dokumente?|fragmentos?|contexto|fuentes?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Of a value, at text[start:end]. `plain`: as {{ name }}, in no expression."""

    name: str
    start: int
    end: int
    plain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a file says. Offsets count characters of `text`. `front` is None where there is no front matter."""

    where: str
    source: str  # the file's text
    text: str  # the same with the parts that it includes
    lines: tuple[int, ...]  # of `text`, in order: the line of the file that each came from, from 1
    front: Mapping[str, Any] | None
    broken: str  # why the front matter is none; empty where it is one
    body: int  # where the body begins
    split: int  # where the user part begins; the end of the text where there is none
    places: Mapping[str, int] = field(default_factory=dict)  # key of the front matter, dotted → offset

    @classmethod
    def read(cls, source: str, *, where: str, read: Read = shipped_part) -> Draft:
        """Never fails; a part that cannot be included is left out."""
        source = source.replace("\r\n", "\n").removeprefix("\ufeff")
        text, lines = _expanded(source, read)
        match = _FRONT.match(text)
        front, broken, places = _front(match[1], match.start(1)) if match else (None, "", {})
        body = match.end() if match else 0
        split = text.find(f"\n{USER_PART}\n", max(body - 1, 0))
        return cls(
            where=where,
            source=source,
            text=text,
            lines=lines,
            front=front,
            broken=broken,
            body=body,
            split=len(text) if split < 0 else split + len(USER_PART) + 2,
            places=places,
        )

    @property
    def route(self) -> str:
        """What it is used for; what has none answers questions."""
        told = self.value("route") or self.value("id").partition("-")[0]
        return told or "answer"

    @property
    def read_by_model(self) -> str:
        """The body as long as it is, with blanks for comments: nothing in them reaches a model."""
        text = self.text
        for opening, closing in COMMENTS:
            text = blanked(text, spans(text, opening, closing))
        return " " * self.body + text[self.body :]

    @property
    def uses(self) -> list[Use]:
        """Of values, in order, comments left out."""
        text = self.read_by_model
        if self.front is None:
            return [
                Use(name=found[1] or found[2], start=found.start(), end=found.end(), plain=True)
                for found in _LOOSE.finditer(text)
            ]
        found = sorted(span for marks in EXPRESSIONS for span in spans(text, *marks))
        return [use for start, end in found for use in _uses(text[start:end], start)]

    @property
    def trusts(self) -> Mapping[str, str]:
        """Declared input → whose words it is; empty where that is not said."""
        told = (self.front or {}).get("inputs")
        if isinstance(told, list):
            return {str(name): STANDARD.get(str(name), "") for name in told}
        return {name: str(trust) for name, trust in self.table("inputs").items()}

    @property
    def untrusted(self) -> frozenset[str]:
        """The values that are words of strangers; of those that nobody declared, the ones whose name says so."""
        told = self.trusts
        names = {use.name for use in self.uses} | set(told)
        strange = ("user", "document")
        return frozenset(
            one for one in names if told.get(one) in strange or (not told.get(one) and self.meant(one))
        )

    def meant(self, name: str) -> str:
        """Whose words a value is by its name: `user`, `document`, or empty where the name does not tell."""
        if STANDARD.get(name, "") in ("system", "operator"):
            return ""
        return "user" if _USERS.search(name) else "document" if _DOCUMENTS.search(name) else ""

    def line_at(self, offset: int) -> str:
        """The line that an offset is in."""
        start = self.text.rfind("\n", 0, offset) + 1
        return self.text[start:].partition("\n")[0]

    def value(self, key: str) -> str:
        """Of the front matter, as text; empty where there is none."""
        found = (self.front or {}).get(key)
        return "" if found is None else str(found).strip()

    def table(self, key: str) -> Mapping[str, Any]:
        """Of the front matter; empty where there is none, or it is none."""
        found = (self.front or {}).get(key)
        return {str(name): value for name, value in found.items()} if isinstance(found, dict) else {}

    def finding(
        self, rule: str, what: str = "", *, at: int | None = None, key: str = "", width: int = 0
    ) -> Finding:
        """Of a rule, at an offset or a key of the front matter; else at the beginning."""
        offset = at if at is not None else self.places.get(key, self.places.get(key.partition(".")[0], 0))
        start, number = self.text.rfind("\n", 0, offset) + 1, self.text.count("\n", 0, offset)
        line = self.line_at(offset)
        told = rules()[rule]
        return Finding(
            rule=rule,
            level=told.level,
            file=self.where,
            line=self.lines[number],
            column=offset - start + 1,
            what=what or told.title,
            why=told.why,
            fix=told.fix,
            text=line,
            width=max(1, min(width or len(line), len(line) - (offset - start))),
        )


def _expanded(source: str, read: Read) -> tuple[str, tuple[int, ...]]:
    told: list[str] = []
    places: list[int] = []
    room = MOST_CHARS
    for number, line in enumerate(source.split("\n"), start=1):
        try:
            full = expand(line, where="", read=read).text.split("\n") if room > 0 and "{%" in line else [line]
        except ConfigError:  # `not-loadable` says it, with the place; and of too many
            full = [line]
        room -= sum(map(len, full))
        told += full
        places += [number] * len(full)
    return "\n".join(told), tuple(places)


def _front(text: str, offset: int) -> tuple[Mapping[str, Any], str, dict[str, int]]:
    try:
        root, data = composed(text)
    except yaml.YAMLError as error:
        return {}, " ".join(str(error).split()), {}
    if not isinstance(data, dict) or not isinstance(root, yaml.MappingNode):
        return {}, "it is no YAML mapping", {}
    return data, "", dict(_places(root, offset, ""))


def _places(node: yaml.MappingNode, offset: int, prefix: str) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for key, value in node.value:
        name = f"{prefix}{key.value}"
        found.append((name, offset + key.start_mark.index))
        if isinstance(value, yaml.MappingNode) and not prefix:
            found += _places(value, offset, f"{name}.")
    return found


def _uses(expression: str, start: int) -> list[Use]:
    end = start + len(expression)
    if found := _PLAIN.fullmatch(expression):
        return [Use(name=found[1], start=start, end=end, plain=True)]
    return [Use(name=one, start=start, end=end, plain=False) for one in _used(expression)]


@lru_cache(maxsize=256)
def _used(expression: str) -> tuple[str, ...]:
    try:
        return tuple(sorted(names(expression)))
    except ConfigError:  # half of a block: {% if question %}
        return tuple(sorted(set(_NAME.findall(_QUOTED.sub("", expression)))))
