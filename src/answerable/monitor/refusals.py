"""Why a question got no answer, in one word: for figures, events and alerts."""

from __future__ import annotations

from answerable.core.answer import Answer
from answerable.core.degraded import BUDGET_EXCEEDED, CUT_SHORT
from answerable.core.outcome import Outcome
from answerable.core.trace import Step, Trace

_OF_OUTCOME = {
    Outcome.OUT_OF_SCOPE: "out_of_scope",
    Outcome.TOO_LONG: "too_long",
    Outcome.BLOCKED: "guard",
    Outcome.CLARIFY: "clarify",
    Outcome.ESCALATED: "escalated",
}


def refusal_reason(trace: Trace, answer: Answer) -> str:
    """One of no_context, low_score, verify_failed, guard, out_of_scope, too_long, clarify, escalated, deadline,
    budget, error; empty where there is an answer."""
    if answer.outcome.answers:
        return ""
    if answer.outcome is Outcome.FAILED:
        return _failure(trace, answer)
    if answer.outcome is Outcome.ABSTAINED:
        return _abstention(trace, answer)
    return _OF_OUTCOME[answer.outcome]


def deadline_hit(trace: Trace, answer: Answer) -> bool:
    """Whether its time was over before it was whole."""
    cut = CUT_SHORT in answer.degraded or CUT_SHORT in trace.degraded
    return cut or (answer.outcome is Outcome.FAILED and _failure(trace, answer) == "deadline")


def _failure(trace: Trace, answer: Answer) -> str:
    """Whatever fails leaves a step that says so; time that is over leaves none."""
    step = _step(trace, "failure")
    if step is None:
        return "deadline"
    spent = BUDGET_EXCEEDED in answer.degraded or step.detail.get("code") == "budget"
    return "budget" if spent else "error"


def _abstention(trace: Trace, answer: Answer) -> str:
    if answer.withheld:
        return "verify_failed"
    ranked, judged = _step(trace, "rerank"), _step(trace, "answerable")
    if ranked is not None and not ranked.detail.get("candidates"):
        return "no_context"
    if judged is not None and judged.detail.get("answerable") is False:
        return "low_score"
    return "verify_failed" if _step(trace, "generate") is not None else "no_context"


def _step(trace: Trace, name: str) -> Step | None:
    return next((one for one in trace.steps if one.name == name), None)
