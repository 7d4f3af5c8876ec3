"""Pairs of questions made by construction: near misses, and the same question in other words."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from answerable.core.identity import sha256_hex
from answerable.text.facts import names
from answerable.text.language import detect_language

OWN = "own"  # made from the project's own questions
_LANGUAGES = ("en", "de", "es")
_CAN = re.compile(r"\b(can|may|could|do|does|is|are|will|should|must)\s+(i|we|you|it|the|my)\b", re.I)
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPair:
    """Two questions, and whether one reply may serve both."""

    one: str
    other: str
    same: bool
    kind: str
    half: str  # dev: rules may be made from it; held-out: they were not
    language: str = "en"


def shipped() -> list[QuestionPair]:
    """The suite of this package, every template with every filling."""
    suite = tomllib.loads(_text())
    found = [
        pair
        for name, same in (("near", False), ("same", True))
        for group in suite[name]
        for one, other in group["pairs"]
        for pair in _filled(one, other, group, suite["slots"], same=same)
    ]
    return list(dict.fromkeys(one for one in found if one.one != one.other))


def suite_hash(pairs: Sequence[QuestionPair]) -> str:
    """Of the very pairs that were measured."""
    return sha256_hex(repr([(one.one, one.other, one.same) for one in pairs]))


def from_questions(questions: Sequence[str], *, languages: Sequence[str] = _LANGUAGES) -> list[QuestionPair]:
    """Near misses of a project's own questions: negated, with another number, with a name of another question."""
    known = list(dict.fromkeys(" ".join(one.split()) for one in questions))
    return [
        QuestionPair(one=one, other=other, same=False, kind=f"{OWN}: {kind}", half="held-out", language=language)
        for one in known
        if (language := detect_language(one, tuple(languages), default="en"))
        for kind, other in _turned(one, known, language)
        if other != one
    ]


def _turned(question: str, known: Sequence[str], language: str) -> Iterator[tuple[str, str]]:
    if language == "en" and (asked := _CAN.search(question)):
        yield "negation", f"{question[: asked.end()]} not{question[asked.end() :]}"
    if number := _NUMBER.search(question):
        other = str(int(number.group()[:9]) + 1)
        yield "number", question[: number.start()] + other + question[number.end() :]
    for name in dict.fromkeys(names(question, language)):
        if stranger := _stranger(name, known, language):
            yield "name", re.sub(rf"\b{re.escape(name)}\b", stranger, question, count=1, flags=re.I)


def _stranger(name: str, known: Sequence[str], language: str) -> str | None:
    """A name of another question, always the same one."""
    others = sorted({one for question in known for one in names(question, language)} - {name})
    return others[hashlib.sha256(name.encode()).digest()[0] % len(others)] if others else None


def _filled(
    one: str, other: str, group: Mapping[str, Any], slots: Mapping[str, Sequence[str]], *, same: bool
) -> Iterator[QuestionPair]:
    for n in range(max(map(len, slots.values()))):
        values = {slot: given[n % len(given)] for slot, given in slots.items()}
        made = [text.format(**values) for text in (one, other)]
        language = "de" if re.search(r"\b(?:ich|das|auch)\b", one) else "es" if one.startswith("¿") else "en"
        yield QuestionPair(
            one=made[0], other=made[1], same=same, kind=group["kind"], half=group["half"], language=language
        )


def _text() -> str:
    return (resources.files(__package__) / "near_misses.toml").read_text("utf-8")
