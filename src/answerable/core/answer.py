"""What a person gets: sentences that point at passages, or an honest non-answer with next steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from answerable.core.completion import Usage
from answerable.core.outcome import Outcome
from answerable.core.passage import Passage
from answerable.core.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A numbered pointer to the exact span that supports a sentence: document.text[start:end] == quote."""

    n: int  # 1-based, in order of first use in the answer
    chunk_id: str
    document_id: str
    quote: str
    start: int
    end: int
    title: str = ""
    section: str = ""
    uri: str = ""
    source: str = ""
    language: str = "en"
    updated_at: date | None = None
    version: int = 1
    stale: bool = False  # past its review date


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One sentence of the answer: answer.text[start:end]."""

    start: int
    end: int
    kind: str = "fact"  # fact | limit (says what is not known) | note
    support: str = "supported"  # supported | unsupported | not_applicable
    citations: tuple[int, ...] = ()
    reason: str = ""  # why it is unsupported: uncited, link, number, date, name, negation, overlap


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A sentence that was not shown, with the reason; for the trace and the reviewers."""

    text: str
    reason: str
    citations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """Something the person can do now. Every non-answer offers at least two."""

    kind: str  # source | rephrase | human | form | shorten | retry
    label: str
    target: str = ""  # document id, URL or e-mail address, by kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """In words with reasons; never a bare percentage."""

    level: str = "none"  # high | medium | low | none
    why: tuple[str, ...] = ()
    certificate: str = ""  # id of the risk certificate that covers the answer; empty: none does


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The whole result of a question."""

    id: str
    trace_id: str
    text: str
    outcome: Outcome
    language: str = "en"
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    passages: tuple[Passage, ...] = ()  # the context, for the trace; never sent to a client with its scores
    withheld: tuple[Withheld, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    next_steps: tuple[NextStep, ...] = ()
    confidence: Confidence = field(default_factory=Confidence)
    degraded: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)
    cache: str = ""  # exact | semantic | shared | earlier: no model was asked for this answer
    timing_ms: Mapping[str, float] = field(default_factory=dict)
    model: str = ""  # provider/model
    prompt: tuple[str, str, str] | None = None  # id, version, sha256
    arm: str = ""  # of that prompt's rollout: stable | candidate; empty: it is in none
    index: str = ""  # the embedding model's key
    conversation: str | None = None
