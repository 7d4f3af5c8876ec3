"""Events of an answer that was given before there was a log: what its figures still tell, and no more.

They have the ids that the log would have given them, so telling twice is telling once. What was not kept as a
a figure (the question's length and class, retrieval, guards) is not made up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from answerable.core.degraded import CUT_SHORT
from answerable.core.event import Event, event_id_of
from answerable.core.outcome import Outcome

Row = Mapping[str, Any]
_REASONS = {"too_long": "too_long", "out_of_scope": "out_of_scope", "blocked": "guard", "failed": "error"}


def past_events(
    tenant: str, answer: Row, calls: Sequence[Row], feedback: Sequence[Row], *, person: bytes | None, talk: str
) -> list[Event]:
    """Rows of `PostgresPastAnswers`; `person` and `talk` are pseudonyms of the person and the conversation."""
    shared = {
        "tenant": tenant, "person": person, "conversation": talk, "answer": answer["answer"],
        "trace": answer["trace"], "language": answer["language"], "outcome": answer["outcome"],
        "prompt_id": answer["prompt_id"], "prompt_version": answer["prompt_version"],
        "prompt_sha256": answer["prompt_sha256"], "rollout": answer["rollout"],
    }  # fmt: skip
    at: datetime = answer["at"]
    found = [
        Event(
            name="question.asked", at=at, id=event_id_of(at, tenant, answer["trace"], "question.asked"), **shared
        )
    ]
    found += [_called(tenant, one, answer["answer"]) for one in calls]
    found.append(_ending(tenant, answer, calls, shared))
    if answer["outcome"] == Outcome.ESCALATED:
        found.append(_escalated(tenant, answer, shared))
    return found + [_rated(tenant, one, shared) for one in feedback]


def _ending(tenant: str, answer: Row, calls: Sequence[Row], shared: Mapping[str, Any]) -> Event:
    name = "answer.shown" if Outcome(answer["outcome"]).answers else "answer.abstained"
    at = _end(answer)
    return Event(
        name=name,
        at=at,
        id=event_id_of(at, tenant, answer["trace"], name),
        model=answer["model"],
        degraded=tuple(answer["steps"] or ()),
        latency_ms=_whole(answer["total_ms"]),
        first_text_ms=_whole(answer["first_text_ms"]),
        tokens_in=sum(one["input"] or 0 for one in calls),
        tokens_cached=sum(one["cached"] or 0 for one in calls),
        tokens_out=sum(one["output"] or 0 for one in calls),
        cost=_cost(calls),
        currency=next((one["currency"] for one in calls if one["currency"]), ""),
        props=_shown(answer)
        if name == "answer.shown"
        else {"reason": _REASONS.get(answer["outcome"], "low_score")},
        **shared,
    )


def _shown(answer: Row) -> Mapping[str, Any]:
    found = {
        "claims": answer["supported"] + answer["unsupported"],
        "claims_supported": answer["supported"],
        "citations": answer["citations"],
        "cache": answer["cache"] or "none",
        "deadline_hit": CUT_SHORT in (answer["steps"] or ()),
    }
    return found if answer["withheld"] is None else found | {"claims_withheld": answer["withheld"]}


def _called(tenant: str, call: Row, answer: str) -> Event:
    return Event(
        name="model.called", tenant=tenant, at=call["at"], id=event_id_of(call["at"], tenant, call["id"]),
        answer=answer, trace=call["trace"], prompt_id=call["prompt_id"], prompt_version=call["prompt_version"],
        prompt_sha256=call["prompt_sha256"], model=call["model"], provider=call["provider"],
        latency_ms=_whole(call["duration_ms"]), first_text_ms=_whole(call["first_text_ms"]),
        tokens_in=call["input"], tokens_cached=call["cached"], tokens_out=call["output"], cost=call["cost"],
        currency=call["currency"],
        props={"use": call["use"], "status": call["outcome"], "reported": call["reported"]},
    )  # fmt: skip


def _escalated(tenant: str, answer: Row, shared: Mapping[str, Any]) -> Event:
    at, name = _end(answer), "escalation.requested"
    made = event_id_of(at, tenant, answer["trace"], name)
    return Event(name=name, at=at, id=made, props={"trigger": "policy", "escalation": answer["answer"]}, **shared)


def _rated(tenant: str, said: Row, shared: Mapping[str, Any]) -> Event:
    made = event_id_of(said["at"], tenant, "feedback", str(said["id"]))
    props = {"value": said["value"], "solved": said["solved"], "has_comment": said["has_comment"]}
    return Event(name="feedback.given", at=said["at"], id=made, props=props, **shared)


def _end(answer: Row) -> datetime:
    at: datetime = answer["at"]
    return at + timedelta(milliseconds=answer["total_ms"] or 0.0)


def _cost(calls: Sequence[Row]) -> Decimal | None:
    used = [one["cost"] for one in calls if one["input"] is not None]
    return None if None in used else sum(used, Decimal(0))


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
