"""Made-up turns of a product that is well, and of one in which one thing is wrong: what each rule has to see."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from answerable.core.event import Event

AT = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
Turn = list[Event]


def a_turn(seed: int) -> Turn:
    """Of a product that is well: answered nine times of ten, in about a second, for about a cent."""
    chance = random.Random(seed)
    refused = chance.random() < 0.1
    took = round(1000 * chance.lognormvariate(0.0, 0.3))
    pages = [f"dc_{n}" for n in chance.sample(range(12), 2)]
    columns: dict[str, Any] = {
        "tenant": "default",
        "outcome": "abstained" if refused else "answered",
        "language": chance.choice(("en", "de")),
        "topic": chance.choice(("returns", "shipping", "billing")),
        "prompt_id": "answer",
        "prompt_version": "1.0.0",
        "model": "large",
        "provider": "main",
    }
    whole = columns | {
        "latency_ms": took,
        "first_text_ms": took // 3,
        "cost": Decimal(str(round(0.01 * chance.lognormvariate(0.0, 0.3), 6))),
        "currency": "EUR",
    }
    found = {
        "candidates": 20,
        "margin": round(0.1 + abs(chance.gauss(0.2, 0.05)), 4),
        "top_score": round(0.5 + abs(chance.gauss(0.2, 0.05)), 4),
    }
    shown = {
        "claims": 2,
        "claims_withheld": int(chance.random() < 0.08),
        "citations": 2,
        "stale_citations": int(chance.random() < 0.02),
        "conflicts": int(chance.random() < 0.02),
        "deadline_hit": chance.random() < 0.005,
        "documents": pages,
    }
    ending = ("answer.abstained", {"reason": "low_score"}) if refused else ("answer.shown", shown)
    follow_up = "rephrase" if chance.random() < 0.05 else "first"
    rows: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("question.asked", columns, {"chars": 40, "follow_up": follow_up}),
        ("retrieval.done", columns, found),
        ("model.called", columns, {"use": "answer", "status": "ok", "fallback": chance.random() < 0.01}),
        (ending[0], whole, ending[1]),
        ("feedback.given", columns, {"value": "down" if chance.random() < 0.2 else "up"}),
        ("canary.result", {"tenant": "default"}, {"case": "c", "passed": chance.random() > 0.01}),
        ("task.closed", columns, {"state": "failed" if chance.random() < 0.15 else "confirmed"}),
    ]
    return [
        Event(name=name, at=AT + timedelta(milliseconds=10 * n), props=props, **values)
        for n, (name, values, props) in enumerate(rows)
    ]


def _props(name: str, prop: str, value: object) -> Callable[[Turn], Turn]:
    return lambda turn: [
        replace(event, props={**event.props, prop: value}) if event.name == name else event for event in turn
    ]


def _column(name: str, value: Any) -> Callable[[Turn], Turn]:
    return lambda turn: [
        replace(event, **{name: value}) if event.name in ("answer.shown", "answer.abstained") else event
        for event in turn
    ]


def _refused(reason: str) -> Callable[[Turn], Turn]:
    return lambda turn: [
        replace(event, name="answer.abstained", outcome="abstained", props={"reason": reason})
        if event.name == "answer.shown"
        else event
        for event in turn
    ]


def _with(name: str, props: Mapping[str, object]) -> Callable[[Turn], Turn]:
    return lambda turn: [*turn, replace(turn[0], name=name, props=props)]


# Rule → what a turn is like when that is wrong.
WRONG: Mapping[str, Callable[[Turn], Turn]] = {
    "refusals": _refused("no_context"),
    "errors": _refused("error"),
    "withheld": _props("answer.shown", "claims_withheld", 1),
    "uncited": _props("answer.shown", "citations", 0),
    "completion": _props("task.closed", "state", "failed"),
    "votes": _props("feedback.given", "value", "down"),
    "pushback": _props("question.asked", "follow_up", "rephrase"),
    "escalations": _with("escalation.requested", {"trigger": "asked"}),
    "canaries": _props("canary.result", "passed", False),
    "latency": _column("latency_ms", 4000),
    "first_text": _column("first_text_ms", 3000),
    "deadlines": _props("answer.shown", "deadline_hit", True),
    "fallbacks": _props("model.called", "fallback", True),
    "model_errors": _props("model.called", "status", "transient"),
    "search_degraded": _column("degraded", ("no_rerank",)),
    "answers_degraded": _column("degraded", ("extractive",)),
    "retrieval_margin": _props("retrieval.done", "margin", 0.001),
    "top_score": _props("retrieval.done", "top_score", 0.1),
    "empty_retrieval": _props("retrieval.done", "candidates", 0),
    "cost_per_answer": _column("cost", Decimal("0.03")),
    "conflict_exposure": _props("answer.shown", "conflicts", 1),
    "stale_sources": _props("answer.shown", "stale_citations", 1),
    "document_share": _props("answer.shown", "documents", ["dc_new"]),
    "guard_hits": _with("guard.hit", {"guard": "injection", "action": "block"}),
}
