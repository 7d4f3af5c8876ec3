"""One question's entry in the journal: everything that is kept of it, as plain values that JSON can carry."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import Enum
from types import NoneType
from typing import Any

from answerable.core.answer import Answer
from answerable.core.passage import Passage
from answerable.core.prompt import Rendered
from answerable.core.query import Query
from answerable.core.trace import Step, Trace

_SOURCES = "passages"  # of a step: the documents' own words, to go on from there; kept to the letter
Record = Callable[[Answer], dict[str, Any]]
Hearer = Callable[[Trace, Query, Answer, Rendered | None], None]
Measure = Callable[[Query, Answer], list[dict[str, Any]]]  # scores as plain rows; it computes for milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A trace with its steps and its answer. Writing it twice is writing it once: the ids are the question's."""

    tenant: str
    trace_id: str
    answer_id: str
    started_at: str  # ISO 8601 with offset
    duration_ms: float
    outcome: str
    principal: str
    conversation: str | None
    language: str
    query: str
    text: str  # of the answer
    model: str
    degraded: list[str]
    detail: dict[str, Any]  # prompt, usage, verdicts, withheld, passages, asked, setup, scores
    steps: list[dict[str, Any]]
    record: dict[str, Any]  # the answer object


def untold(trace: Trace, query: Query, answer: Answer, rendered: Rendered | None) -> None:
    """Nobody else hears of it."""


def unmasked(text: str) -> str:
    """The mask of those who keep what people wrote."""
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What every entry of a journal has in common."""

    setup: Mapping[str, Any] = field(default_factory=dict)  # of the system that answered; plain values
    mask: Callable[[str], str] = unmasked  # over the turns before the question, which no guard has seen
    bare: Callable[[str], str] = unmasked  # over what steps say of failures: a provider may repeat its key
    told: Hearer = untold  # hears of every question as it is written; returns at once
    measure: Measure | None = None  # called by the writer, never in the way of an answer


def make_entry(
    trace: Trace,
    query: Query,
    answer: Answer,
    rendered: Rendered | None,
    record: Record,
    keeping: Keeping = Keeping(),
) -> Entry:
    """A copy in plain values: what happens to the trace afterwards changes nothing."""
    values: dict[str, Any] = plain(
        {
            "tenant": trace.tenant,
            "trace_id": trace.id,
            "answer_id": answer.id,
            "started_at": trace.started_at.isoformat(),
            "duration_ms": trace.timing_ms()["total"],
            "outcome": answer.outcome,
            "principal": query.principal.id,
            "conversation": query.conversation,
            "language": answer.language,
            "query": query.text,
            "text": answer.text,
            "model": answer.model,
            "degraded": sorted({*trace.degraded, *answer.degraded}),
            "detail": {
                "prompt": _prompt(rendered),
                "usage": asdict(answer.usage),
                "verdicts": [asdict(one) for one in answer.verdicts],
                "withheld": [asdict(one) for one in answer.withheld],
                "passages": [_passage(one) for one in answer.passages],
                "asked": _asked(query, keeping.mask),
                "rollouts": [asdict(one) for one in trace.arms],
            },
            "steps": [_step(one, keeping.bare) for one in trace.steps],
            "record": record(answer),
        }
    )
    values["detail"]["setup"] = keeping.setup  # plain already, and the same for all
    return Entry(**values)


def with_scores(entry: Entry, scores: list[dict[str, Any]]) -> Entry:
    """The entry with what was measured of its answer."""
    return replace(entry, detail={**entry.detail, "scores": plain(scores)})


def plain(value: Any) -> Any:
    """The value as JSON and Postgres can hold it.

    Not a number and infinity are None (unmeasured); NUL and lone surrogates, which jsonb refuses, are U+FFFD.
    """
    kind = type(value)
    if kind is str:
        return _text(value)
    if kind in (int, bool, NoneType):
        return value
    if kind is float:
        return value if math.isfinite(value) else None
    if kind is dict or isinstance(value, Mapping):
        return {_text(str(key)): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return _scalar(value)


def _scalar(value: Any) -> str | int | float | None:
    match value:
        case Enum():
            return _text(str(value.value))
        case numbers.Real() if not math.isfinite(value):
            return None
        case numbers.Integral():  # numpy's too
            return int(value)
        case numbers.Real():
            return float(value)
        case date():
            return value.isoformat()
    return _text(str(value))


def _text(text: str) -> str:
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _step(step: Step, bare: Callable[[str], str]) -> dict[str, Any]:
    return {
        "name": step.name,
        "started_ms": step.started_ms,
        "duration_ms": step.duration_ms,
        "status": step.status,
        "detail": {key: one if key == _SOURCES else bared(one, bare) for key, one in step.detail.items()},
    }


def bared(value: Any, bare: Callable[[str], str]) -> Any:
    """The value with every text in it as `bare` leaves it."""
    if type(value) is str:
        return bare(value)
    if isinstance(value, Mapping):
        return {key: bared(one, bare) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [bared(one, bare) for one in value]
    return value


def _asked(query: Query, mask: Callable[[str], str]) -> dict[str, Any]:
    """What besides its text decides what may answer a question: enough to ask it again."""
    wanted = query.filter
    return {
        "language": query.language,
        "groups": query.principal.groups,
        "filter": {
            "status": wanted.status,
            "sources": wanted.sources,
            "languages": wanted.languages,
            "documents": wanted.documents,
            "meta": dict(wanted.meta),
        },
        "history": [{"role": turn.role, "text": mask(turn.text)} for turn in query.history],
    }


def _prompt(rendered: Rendered | None) -> dict[str, Any] | None:
    if rendered is None:
        return None
    return {
        "id": rendered.prompt_id,
        "version": rendered.version,
        "sha256": rendered.sha256,
        "system": rendered.system,
        "user": rendered.user,
        "temperature": rendered.temperature,
        "max_output_tokens": rendered.max_output_tokens,
    }


def _passage(passage: Passage) -> dict[str, Any]:
    """Where it is, not what it says: the text is in the prompt, and goes with its document."""
    return {
        "chunk": passage.chunk.id,
        "document": passage.chunk.document_id,
        "uri": passage.uri,
        "title": passage.title,
        "section": passage.section,
        "offsets": [passage.chunk.start, passage.chunk.end],
        "version": passage.version,
        "score": passage.score,
        "scores": dict(passage.scores),
        "found_by": list(passage.found_by),
    }
