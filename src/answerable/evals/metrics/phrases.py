"""What an answer must say and must not say, whole words, however numbers and dates are written."""

from __future__ import annotations

from answerable.core.answer import Answer
from answerable.core.evaluation import EvalCase, Score
from answerable.evals.metrics.deterministic import not_applicable
from answerable.evals.metrics.statements import wording
from answerable.evals.metrics.wording import holds

MUST = "must"
MUST_NOT = "must_not"


def must(case: EvalCase, answer: Answer) -> Score:
    """The share of required phrases that the answer holds; it passes with all of them.

    Each phrase of `accept_also` that the answer holds stands in for one that is missing.
    """
    wanted = case.expect.must
    if not wanted:
        return not_applicable(MUST, "nothing is required")
    text = wording(answer)
    missing = [one for one in wanted if not holds(text, one, language=answer.language)]
    spare = [one for one in case.expect.accept_also if holds(text, one, language=answer.language)]
    lacking = missing[len(spare) :]
    reason = f"missing: {', '.join(missing)}" if lacking else ""
    return Score(
        name=MUST,
        value=(len(wanted) - len(lacking)) / len(wanted),
        passed=not lacking,
        reason=reason,
        detail={"missing": missing, "accepted": spare},
    )


def must_not(case: EvalCase, answer: Answer) -> Score:
    """The share of forbidden phrases that the answer is free of; it passes with all of them."""
    unwanted = case.expect.must_not
    if not unwanted:
        return not_applicable(MUST_NOT, "nothing is forbidden")
    text = wording(answer)
    said = [one for one in unwanted if holds(text, one, language=answer.language)]
    return Score(
        name=MUST_NOT,
        value=1.0 - len(said) / len(unwanted),
        passed=not said,
        reason=f"said: {', '.join(said)}" if said else "",
        detail={"said": said},
    )
