"""The names of events, in one list with what each one tells; `checked` holds an event to it.

What happens once in a while and to the whole, as a deploy or a changed model, is a happening (core/happenings.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from answerable.core.event import Event
from answerable.core.props import fault

FOLLOW_UPS = ("first", "rephrase", "clarify", "drill_down", "pushback", "thanks", "new_topic")

NAMES: Mapping[str, Mapping[str, type]] = MappingProxyType(
    {
        # A person asked. `why_not`: staff, bot, load_test, canary, greeting, or empty where it counts;
        # `novelty`: the distance to the nearest case of the evaluation, in [0, 2]; `need`: a sketch of the
        # question (monitor/need.py), by which the same need is known again.
        "question.asked": {
            "chars": int, "language_confidence": float, "intent": str, "follow_up": str,
            "similarity_to_previous": float, "novelty": float, "why_not": str, "need": str,
        },
        "retrieval.done": {
            "candidates": int, "kept": int, "top_score": float, "margin": float, "filters_hash": str,
            "stale_in_context": int, "conflicts": list, "documents": list,
        },
        "model.called": {
            "use": str, "attempt": int, "status": str, "ttft_ms": float, "fallback": bool, "hedge": bool,
            "reported": str,
        },
        # A reply was made: what of it was seen. `cache`: none, exact, semantic, pinned.
        "answer.shown": {
            "claims": int, "claims_supported": int, "claims_withheld": int, "citations": int,
            "stale_citations": int, "conflicts": int, "cache": str, "deadline_hit": bool, "documents": list,
        },
        # Instead of an answer. `reason`: no_context, low_score, conflict, verify_failed, guard, policy, clarify,
        # too_long, out_of_scope, deadline, budget, error (monitor/refusals.py).
        "answer.abstained": {"reason": str, "score": float, "documents": list},
        "answer.displayed": {"ms": int},  # the client says so: it arrived
        "guard.hit": {"guard": str, "stage": str, "rule": str, "action": str, "severity": str},
        "citation.opened": {"n": int, "dwell_ms": int},
        "answer.copied": {"n": int, "dwell_ms": int},
        "link.followed": {"n": int, "dwell_ms": int},
        "suggestion.used": {"n": int},
        "generation.stopped": {"n": int, "dwell_ms": int},
        # `value`: up, down or empty; `solved`: yes, partly, no or empty. The last one of an answer counts.
        "feedback.given": {"value": str, "reasons": list, "solved": str, "has_comment": bool},
        "followup.classified": {"class": str, "confidence": float, "detector": str},
        "escalation.requested": {"trigger": str, "escalation": str},  # asked, policy, failure
        "escalation.claimed": {"escalation": str, "wait_s": float},
        "escalation.resolved": {
            "escalation": str, "wait_s": float, "outcome": str, "ai_was_right": bool, "same_answer": bool,
        },
        "ticket.linked": {"same_need": bool, "hours_after": float},
        "goal.reached": {"goal": str},
        "task.opened": {"state": str},
        # `need` and `documents` are of its first question: by them a later task is seen to bring it back.
        "task.closed": {
            "state": str, "p_complete": float, "turns": int, "duration_s": float, "need": str, "documents": list,
        },
        "task.reopened": {"state": str, "by": str},
        # A person judged an answer. `criteria`: name → yes, no, unsure; `inclusion_weight`: 1 / chance of being
        # drawn; `completed`: yes, no, unsure for the task; `harm`: none, inappropriate, incorrect, damaging.
        "review.completed": {
            "criteria": dict, "verdict": str, "severity": str, "minutes": float, "blind": bool,
            "second_reader": bool, "stratum": str, "inclusion_weight": float, "completed": str, "harm": str,
            "needed_person": str, "answerable": str,
        },
        "judge.scored": {"criterion": str, "verdict": str, "judge_version": str, "score": float},
        # The same person under the key of this time and, as `earlier`, under the one before: 32 hex digits. It is
        # told at the beginning of the key's time, and goes when the earlier key is destroyed.
        "person.linked": {"earlier": str},
        # One question of the canary set, asked with a frozen context; `passed`, and how far the reply is from the
        # one that was kept.
        "canary.result": {
            "case": str, "route": str, "passed": bool, "distance": float, "reported": str, "chars": int,
        },
    }
)  # fmt: skip

LINKED = "person.linked"
# What one person did, or what was done for them: kept for a shorter time than figures of nobody.
PERSONAL = frozenset(NAMES) - {"model.called", "judge.scored", "review.completed", "canary.result", LINKED}


def faults(event: Event) -> tuple[str, ...]:
    """What is wrong with it, in words; empty where it is as the list says. Every prop may be left out."""
    known = NAMES.get(event.name)
    if known is None:
        return (f"there is no event {event.name!r}",)
    return tuple(found for name, value in event.props.items() if (found := fault(event.name, known, name, value)))


def checked(event: Event) -> Event:
    """The event itself. Raises ValueError that names what is wrong: what a test should see."""
    if found := faults(event):
        raise ValueError("; ".join(found))
    return event


def cleaned(event: Event) -> tuple[Event | None, tuple[str, ...]]:
    """The event without what is wrong in it, and what that was; None where even its name is unknown."""
    known = NAMES.get(event.name)
    if known is None:
        return None, faults(event)
    if not (found := faults(event)):
        return event, ()
    good = {name: value for name, value in event.props.items() if not fault(event.name, known, name, value)}
    return replace(event, props=good), found
