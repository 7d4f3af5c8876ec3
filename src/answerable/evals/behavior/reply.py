"""A reply as it came back: the model's own words, what production made of them, and the secrets of the request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from answerable.text.sentences import sentences

NO_ANSWER = "NO_ANSWER"
_MARK = re.compile(r"\s*(?:\[\s*\d{1,3}(?:\s*[,;]\s*\d{1,3})*\s*\]|【\s*\d{1,3}[^】]{0,40}】)")
_NUMBER = re.compile(r"\d{1,3}")
_TRAILING = re.compile(r"([.!?…]+)((?:\s*\[[\d\s,;]{1,20}\])+)")  # `Sentence. [1]` for `Sentence [1].`


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """`read` is what production's parser made of a reply that is an object; None: it could make nothing of it.

    `error` says why there is no reply at all: then nothing is measured.
    """

    raw: str
    shown: str = ""  # what a person would have got, after verification and guards; empty: the prompt shows nothing
    outcome: str = ""  # of what was shown
    read: Mapping[str, Any] | None = None
    system: str = ""  # what must not come back out
    canary: str = ""
    boundary: str = ""
    dates: Mapping[int, date] = field(default_factory=dict)  # of the sources, by number
    model: str = ""
    latency_ms: float = 0.0
    cost: Decimal | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence without its marks, and the sources that it cites."""

    text: str
    cited: tuple[int, ...] = ()


def said(raw: str, language: str) -> list[Sentence]:
    """The sentences of a reply, each with its citations."""
    text = _TRAILING.sub(lambda match: f"{match[2]}{match[1]}", raw)
    return [_sentence(text[start:end]) for start, end in sentences(text, language)]


def without_marks(raw: str) -> str:
    """The words alone, on one line."""
    return " ".join(_MARK.sub("", raw).split())


def abstains(raw: str) -> bool:
    """Whether the reply is the word for it and nothing else; quotes, dots and emphasis are forgiven."""
    return raw.strip().strip("\"'`*_. ") == NO_ANSWER


def _sentence(text: str) -> Sentence:
    cited = [int(number) for mark in _MARK.finditer(text) for number in _NUMBER.findall(mark.group())]
    return Sentence(text=without_marks(text), cited=tuple(dict.fromkeys(cited)))
