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
    Outcome.ESCALATED: "policy",
}


def refusal_reason(trace: Trace, answer: Answer) -> str:
    """One of no_context, low_score, conflict, verify_failed, guard, policy, out_of_scope, too_long, clarify,
    deadline, budget, error; empty where there is an answer."""
    if answer.outcome.answers:
        return ""
    if answer.outcome is Outcome.FAILED:
        return _failure(trace, answer)
    if answer.outcome is Outcome.ABSTAINED:
        return _abstention(trace, answer)
    return _OF_OUTCOME[answer.outcome]


def disagreed(trace: Trace) -> bool:
    """Whether the passages held sources that contradict each other."""
    return any(one.name == "conflicts" and "sides" in one.detail for one in trace.steps)


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
    ranked, judged = _step(trace, "rerank"), _step(trace, "answerable")
    if _empty(ranked, "candidates") or _empty(judged, "passages"):
        return "no_context"
    if judged is not None and judged.detail.get("answerable") is False:
        return "low_score"
    if disagreed(trace):
        return "conflict"
    written = answer.withheld or judged is not None or _step(trace, "generate") is not None
    return "verify_failed" if written else "no_context"


def _empty(step: Step | None, name: str) -> bool:
    return step is not None and name in step.detail and not step.detail[name]


def _step(trace: Trace, name: str) -> Step | None:
    return next((one for one in trace.steps if one.name == name), None)
