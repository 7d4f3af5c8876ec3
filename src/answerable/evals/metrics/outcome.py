"""Did the question end the way it should? A near miss fails too, and is named."""

from __future__ import annotations

from answerable.core.answer import Answer
from answerable.core.evaluation import EvalCase, Score
from answerable.core.outcome import Outcome
from answerable.evals.metrics.deterministic import not_applicable

NAME = "outcome"
_SAID_NO = frozenset({Outcome.ABSTAINED, Outcome.OUT_OF_SCOPE, Outcome.CLARIFY})
_NEAR = {
    (Outcome.CONFLICT, Outcome.ANSWERED): "it answered, but did not say that the sources disagree",
    (Outcome.CONFLICT, Outcome.PARTIAL): "it answered in part, but did not say that the sources disagree",
    (Outcome.ANSWERED, Outcome.CONFLICT): "it answered, but saw a disagreement of sources where none was expected",
    (Outcome.ANSWERED, Outcome.PARTIAL): "it answered only in part",
    (Outcome.PARTIAL, Outcome.ANSWERED): "it did not say which part it cannot answer",
    (Outcome.PARTIAL, Outcome.ABSTAINED): "it did not answer the part that it could",
}


def outcome(case: EvalCase, answer: Answer) -> Score:
    """1 where the outcome is the expected one, else 0; `detail.near` tells a near miss from a plain one."""
    wanted = case.expect.outcome
    if wanted is None:
        return not_applicable(NAME, "no outcome is expected")
    right = answer.outcome is wanted
    near = "" if right else _near(wanted, answer.outcome)
    reason = "" if right else f"expected {wanted.value}, got {answer.outcome.value}{near and ': '}{near}"
    detail = {"expected": wanted.value, "got": answer.outcome.value, "near": bool(near)}
    return Score(name=NAME, value=float(right), passed=right, reason=reason, detail=detail)


def _near(wanted: Outcome, got: Outcome) -> str:
    if (wanted, got) in _NEAR:
        return _NEAR[wanted, got]
    if wanted in _SAID_NO and got in _SAID_NO:
        return "both decline, for another reason"
    return ""
