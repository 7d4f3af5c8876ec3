"""A behavior case: what a prompt is given, in which kind of trouble, and what its reply has to show.

Not an evaluation case: nothing is searched, the sources are in the case, and the model's own reply is checked.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Literal, get_args

from answerable.core.identity import sha256_hex
from answerable.core.query import Turn

Category = Literal[
    "empty",
    "irrelevant",
    "other-language",
    "adversarial",
    "contradiction",
    "multi-step",
    "typo",
    "long",
    "off-topic",
]
CATEGORIES: tuple[Category, ...] = get_args(Category)
FAILURE_OF = {
    "empty": "empty_context",
    "irrelevant": "empty_context",
    "other-language": "language",
    "adversarial": "adversarial",
    "contradiction": "contradiction",
    "multi-step": "multi_step",
}
"""Category → the classic failure whose handling it shows. The other categories belong to none."""
TODAY = date(2026, 11, 2)  # in every case that names no other day: a case says the same tomorrow


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a prompt is shown beside the question: a source, a passage to order, an answer to judge."""

    text: str
    title: str = ""
    date: date | None = None
    language: str = ""  # empty: the case's


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The values of one request. Which of them count depends on the prompt; `values` are for its other inputs."""

    question: str = ""
    language: str = "en"  # that the reply has to be in
    sources: tuple[Source, ...] = ()
    history: tuple[Turn, ...] = ()
    scope: str = ""
    today: date = TODAY
    criterion: str = ""  # a shipped criterion's id
    answers: tuple[str, ...] = ()  # that a judge reads: one, or two to compare
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Words that have to stand in one sentence. `source` is the case's, from 1; 0: the sentence cites none."""

    says: tuple[str, ...]  # one of these is enough
    source: int = 0
    dated: bool = False  # the sentence names its source's date, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What the raw reply has to show; what is left out is not checked. Patterns: patterns.py."""

    abstains: bool | None = None
    must: tuple[tuple[str, ...], ...] = ()  # of each group one is in the reply
    must_not: tuple[str, ...] = ()
    language: str = ""
    cites: tuple[int, ...] | None = None  # exactly these sources of the case
    may_cite: tuple[int, ...] = ()
    shows_both: tuple[Statement, ...] = ()
    conditions: tuple[Statement, ...] = ()
    unchanged: bool | None = None  # rewrite: the question comes back as it is
    parts: tuple[tuple[str, ...], ...] | None = None  # decompose: of each group one stands in a part; () none
    first: int = 0  # rerank: the source that comes first
    verdict: str = ""  # of a judge
    fields: dict[str, str] = field(default_factory=dict)  # of a reply's JSON object, as text


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviorCase:
    """One row's case. `where` is the file and line it was read from, for people."""

    id: str
    category: str
    given: Given
    expect: Expect
    injection: str = ""  # an order that stands in the data
    injected: str = "source"  # where: source | question
    rephrased: tuple[str, ...] = ()  # the question in other words, for a twin
    without: tuple[str, ...] = ()  # twins that say nothing here
    why: str = ""
    where: str = ""

    @property
    def sha256(self) -> str:
        """Of all that decides the verdict: a kept result with another one is another case's."""
        decisive = asdict(self) | {"where": "", "why": ""}
        return sha256_hex(json.dumps(decisive, sort_keys=True, ensure_ascii=False, default=str))
