"""What an evaluation is made of: a case, a score, a row of a run, the run, and what people said of an answer.

A target is whatever answers: this system, an endpoint, a function. Everything that can be measured of it is on the
Answer it gives; what a target cannot give (passages, citations) is empty there and then *not applicable* here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from answerable.core.outcome import Outcome
from answerable.core.query import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldSpan:
    """A passage that an answer needs, by the document's uri and its exact words."""

    document: str
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What a right answer is. Everything empty: there is nothing to compare with, as in production."""

    outcome: Outcome | None = None
    must: tuple[str, ...] = ()  # each is in the answer, in these words or in an accepted variant
    must_not: tuple[str, ...] = ()
    accept_also: tuple[str, ...] = ()  # variants: one of these in the place of a missing `must`
    cites: tuple[str, ...] = ()  # uri#section-slug or uri; each is cited
    spans: tuple[GoldSpan, ...] = ()
    criteria: tuple[str, ...] = ()  # names of criteria that a judge or a person answers YES to
    reference: str = ""  # a right answer in words, to compare with


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalCase:
    """A question with what a right answer is. Its id is stable and is its name everywhere."""

    id: str
    question: str
    tags: tuple[str, ...] = ()  # the first is the category
    language: str = "en"
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # as [retrieval] filter
    groups: tuple[str, ...] = ()  # who asks, besides public
    history: tuple[Turn, ...] = ()
    expect: Expectation = Expectation()
    why: str = ""  # the reason that it is a case
    origin: Mapping[str, Any] = field(default_factory=dict)  # author or trace, date, reviewer, twin_of …
    confirmed: date | None = None  # when a person last said that it is right
    gold_version: Mapping[str, str] = field(default_factory=dict)  # uri → "sha256:…" of the document's text
    cluster: str = ""  # cases that stand or fall together; empty: its first gold document, else its id

    @property
    def category(self) -> str:
        """The first tag."""
        return self.tags[0] if self.tags else "other"

    @property
    def cluster_id(self) -> str:
        """What the case is resampled with."""
        gold = [span.document for span in self.expect.spans] or [
            one.partition("#")[0] for one in self.expect.cites
        ]
        return self.cluster or (gold[0] if gold else self.id)


class Status(StrEnum):
    """What a measurement came to. Never NaN, never a silent 0."""

    SCORED = "scored"
    NOT_APPLICABLE = "not_applicable"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One measurement of one answer. `value` is in [0, 1], higher is better, and None unless status is scored."""

    name: str
    value: float | None = None
    passed: bool | None = None  # None: the metric has no bar, or nothing was measured
    status: Status = Status.SCORED
    reason: str = ""  # for people: what was missing, found or went wrong
    detail: Mapping[str, Any] = field(default_factory=dict)  # JSON-able

    def __post_init__(self) -> None:
        measured = self.value is not None and 0.0 <= self.value <= 1.0  # False for NaN
        if measured != (self.status is Status.SCORED):
            raise ValueError(f"{self.name}: a score of {self.value} cannot be {self.status.value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case answered once, with its scores. `passed` None: it could not be measured."""

    case: str
    repeat: int  # 0-based
    key: str  # hash of the case, the fingerprint and the repeat: equal keys, equal rows
    category: str
    cluster: str
    passed: bool | None
    outcome: str
    answer: Mapping[str, Any]  # the answer object, with "passages" besides
    scores: tuple[Score, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = "en"
    latency_ms: float = 0.0
    cost: Decimal | None = None  # of the answer; None: no price
    judge_cost: Decimal | None = None
    error: str = ""  # the target broke: neither passed nor failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One evaluation. `fingerprint` names everything that decides an answer, part by part, each as a hash."""

    id: str
    tenant: str
    suite: str
    target: str
    fingerprint: Mapping[str, str]  # prompts, models, parameters, index, code, judge, criteria
    cases: tuple[str, ...]
    repeats: int
    started_at: datetime
    finished_at: datetime | None = None  # None: still running, or killed: `--resume`
    commit: str = ""  # of the project's repository; with "+" where it had changes
    branch: str = ""
    label: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)  # filters, settings, versions: for the bundle


class Answered(StrEnum):
    """What a judge or a person says to a criterion's question."""

    YES = "YES"
    NO = "NO"
    UNSURE = "UNSURE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One person's word on one criterion of one item. Several people may label one item."""

    item: str  # answer id, row key or any stable name
    criterion: str
    rater: str
    verdict: Answered
    reason: str = ""
    at: datetime | None = None
    probability: float | None = None  # of having been drawn into the sample; None: not sampled
    stratum: str = ""
