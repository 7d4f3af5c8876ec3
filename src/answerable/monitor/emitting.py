"""One question and its answer as events: what the log of the product gets of them. It asks nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from answerable.core.answer import Answer
from answerable.core.call import Call
from answerable.core.event import Event, event_id_of
from answerable.core.outcome import Outcome
from answerable.core.query import Query
from answerable.core.trace import Step, Trace
from answerable.monitor.greeting import only_greets
from answerable.monitor.refusals import disagreed, refusal_reason

_MOST = 50  # documents an event names
_GUARDED = {"guard_question": "question", "generate": "answer"}  # steps, and the stage that their guards are at
_ASKED = "asks for a person"  # what the guard of scope says of it
Values = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What all events of an installation have in common."""

    assistant: str = ""
    environment: str = ""
    code_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What others made of a question: its class as a follow-up, its topic. Unknown is empty or None."""

    follow_up: str = ""
    similarity: float | None = None  # to the question before, in [-1, 1]
    topic: str = ""
    novelty: float | None = None
    intent: str = ""
    need: str = ""  # a sketch, monitor/need.py
    holdout: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asked: a pseudonym, or None; and why their question does not count, or empty."""

    person: bytes | None = None
    conversation: str = ""  # a keyed hash, too: whoever calls us may name it as they like
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Everything that the events of one question are made of."""

    query: Query
    answer: Answer
    trace: Trace
    asker: Asker = field(default_factory=Asker)
    place: Place = field(default_factory=Place)
    reading: Reading = field(default_factory=Reading)


def events_of(turn: Turn) -> list[Event]:
    """In the order in which things happened; the same question gives the same ids."""
    trace, shared = turn.trace, _shared(turn)
    started = trace.started_at
    ended = started + timedelta(milliseconds=_total_ms(turn))
    steps = {one.name: one for one in trace.steps}
    found = [_event(turn, "question.asked", started, shared, _asked(turn))]
    if "retrieve" in steps:
        at = started + timedelta(milliseconds=steps["retrieve"].started_ms)
        found.append(
            _event(turn, "retrieval.done", at, shared | _took(steps["retrieve"]), _retrieved(turn, steps))
        )
    found += _calls(turn)
    found += [
        _event(turn, "guard.hit", started, shared, row, str(n)) for n, row in enumerate(_hits(trace, turn.answer))
    ]
    found.append(_ending(turn, ended, shared, steps))
    if turn.answer.outcome is Outcome.ESCALATED:
        props = {"trigger": _trigger(turn.answer), "escalation": turn.answer.id}
        found.append(_event(turn, "escalation.requested", ended, shared, props))
    return found


def _event(turn: Turn, name: str, at: datetime, values: Values, props: Values, *more: str) -> Event:
    identity = (turn.trace.tenant, turn.trace.id, name, *more)
    kept = {key: one for key, one in props.items() if one is not None}
    return Event(name=name, at=at, id=event_id_of(at, *identity), props=kept, **values)


def _shared(turn: Turn) -> Values:
    """What every event about the person's question says."""
    query, answer, place = turn.query, turn.answer, turn.place
    prompt = answer.prompt or ("", "", "")
    return {
        "tenant": turn.trace.tenant,
        "assistant": place.assistant,
        "environment": place.environment,
        "code_version": place.code_version,
        "person": turn.asker.person,
        "conversation": turn.asker.conversation,
        "answer": answer.id,
        "trace": turn.trace.id,
        "channel": query.way.channel,
        "language": answer.language,
        "topic": turn.reading.topic,
        "outcome": answer.outcome.value,
        "prompt_id": prompt[0],
        "prompt_version": prompt[1],
        "prompt_sha256": prompt[2],
        "index_version": answer.index,
        "rollout": next((one.rollout for one in turn.trace.arms if one.sha256 == prompt[2]), ""),
        "holdout": turn.reading.holdout,
    }


def _total_ms(turn: Turn) -> float:
    timing = turn.answer.timing_ms
    return timing["total"] if "total" in timing else turn.trace.timing_ms()["total"]


def _asked(turn: Turn) -> Values:
    text, reading = turn.query.text, turn.reading
    return {
        "chars": len(text),
        "why_not": turn.asker.why_not or ("greeting" if only_greets(text) else None),
        "follow_up": reading.follow_up or None,
        "similarity_to_previous": reading.similarity,
        "novelty": reading.novelty,
        "intent": reading.intent or None,
        "need": reading.need or None,
    }


def _took(step: Step) -> Values:
    return {"latency_ms": round(step.duration_ms)}


def _retrieved(turn: Turn, steps: Mapping[str, Step]) -> Values:
    rows: Sequence[Mapping[str, Any]] = _detail(steps, "answerable").get("passages", ())
    scores = sorted((float(one["score"]) for one in rows), reverse=True)
    context = turn.answer.passages
    today = turn.trace.started_at.date()
    return {
        "candidates": int(_detail(steps, "fuse").get("fused", 0)),
        "kept": len(rows),
        "top_score": scores[0] if scores else None,
        "margin": scores[0] - scores[1] if len(scores) > 1 else None,
        "stale_in_context": sum(1 for one in context if one.review_by is not None and one.review_by < today),
        "documents": _documents(one["document"] for one in rows),
    }


def _detail(steps: Mapping[str, Step], name: str) -> Mapping[str, Any]:
    return steps[name].detail if name in steps else {}


def _documents(given: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(given))[:_MOST]


def _calls(turn: Turn) -> Iterator[Event]:
    """One a call; without the person, who is not needed to count money and time."""
    first: dict[str, str] = {}
    tries: dict[str, int] = {}
    for call in turn.trace.calls:
        tries[call.use] = tries.get(call.use, 0) + 1
        fallback = first.setdefault(call.use, call.provider) != call.provider
        yield _called(turn, call, attempt=tries[call.use], fallback=fallback)


def _called(turn: Turn, call: Call, *, attempt: int, fallback: bool) -> Event:
    used = call.usage
    return Event(
        name="model.called",
        tenant=turn.trace.tenant,
        at=call.at,
        id=event_id_of(call.at, turn.trace.tenant, call.id),
        assistant=turn.place.assistant,
        environment=turn.place.environment,
        code_version=turn.place.code_version,
        answer=turn.answer.id,
        trace=turn.trace.id,
        prompt_id=call.prompt_id,
        prompt_version=call.prompt_version,
        prompt_sha256=call.prompt_sha256,
        model=call.model,
        provider=call.provider,
        latency_ms=round(call.duration_ms),
        first_text_ms=None if call.first_text_ms is None else round(call.first_text_ms),
        tokens_in=used.input if used else None,
        tokens_cached=used.cached if used else None,
        tokens_out=used.output if used else None,
        cost=used.cost if used else None,
        currency=used.currency if used else "",
        props={
            "use": call.use,
            "attempt": attempt,
            "status": call.outcome,
            "fallback": fallback,
            "reported": call.reported,
        },
    )


def _hits(trace: Trace, answer: Answer) -> list[Values]:
    """What guards had to say: those of the question, then those of the answer; each once."""
    told = [
        (stage, str(row["name"]), str(row["rule"]), str(row["action"]))
        for step in trace.steps
        if (stage := _GUARDED.get(step.name))
        for row in step.detail.get("verdicts", ())
    ]
    known = {one[1:] for one in told}
    told += [
        ("answer", one.name, one.rule, one.action)
        for one in answer.verdicts
        if one.action != "allow" and (one.name, one.rule, one.action) not in known
    ]
    return [dict(zip(("stage", "guard", "rule", "action"), one, strict=True)) for one in dict.fromkeys(told)]


def _ending(turn: Turn, at: datetime, shared: Values, steps: Mapping[str, Step]) -> Event:
    answer = turn.answer
    usage, first = answer.usage, answer.timing_ms.get("first_text")
    values = shared | {
        "confidence": answer.confidence.level,
        "degraded": answer.degraded,
        "model": answer.model,
        "latency_ms": round(_total_ms(turn)),
        "first_text_ms": None if first is None else round(first),
        "tokens_in": usage.input,
        "tokens_cached": usage.cached,
        "tokens_out": usage.output,
        "cost": usage.cost,
        "currency": usage.currency,
    }
    if answer.outcome.answers:
        return _event(turn, "answer.shown", at, values, _shown(turn))
    rows = _detail(steps, "answerable").get("passages", ())
    props = {
        "reason": refusal_reason(turn.trace, turn.answer),
        "score": _detail(steps, "answerable").get("probability"),
        "documents": _documents(one["document"] for one in rows),
    }
    return _event(turn, "answer.abstained", at, values, props)


def _shown(turn: Turn) -> Values:
    answer = turn.answer
    facts = [one for one in answer.claims if one.kind == "fact"]
    return {
        "claims": len(facts),
        "claims_supported": sum(1 for one in facts if one.support == "supported"),
        "claims_withheld": len(answer.withheld),
        "citations": len(answer.citations),
        "stale_citations": sum(1 for one in answer.citations if one.stale),
        "conflicts": int(disagreed(turn.trace)),
        "cache": answer.cache or "none",
        "deadline_hit": "cut_short" in answer.degraded,
        "documents": _documents(one.document_id for one in answer.citations),
    }


def _trigger(answer: Answer) -> str:
    return "asked" if any(one.reason == _ASKED for one in answer.verdicts) else "policy"
