"""Does the context hold what the answer claims? Numbers, amounts, names, negation, opposites, links, wording."""

from __future__ import annotations

from typing import Any

from answerable.core.answer import Answer
from answerable.core.evaluation import EvalCase, Score
from answerable.evals.metrics.deterministic import not_applicable
from answerable.evals.metrics.statements import claims_of, evidence
from answerable.evals.metrics.support import Supported, support

NAME = "claim_support"
WEAKEST = "weakest_claim"


def claim_support(case: EvalCase, answer: Answer) -> Score:
    """Supported claims / claims, against everything that the target showed; `detail` lists the others by kind."""
    checked = _checked(answer)
    if isinstance(checked, str):
        return not_applicable(NAME, checked)
    unsupported = [
        {"claim": text, "kind": found.kind, "score": found.score} for text, found in checked if not found.supported
    ]
    return Score(
        name=NAME,
        value=1.0 - len(unsupported) / len(checked),
        reason=f"{len(unsupported)} of {len(checked)} claims are not supported" if unsupported else "",
        detail={"claims": len(checked), "unsupported": unsupported, "withheld": len(answer.withheld)},
    )


def weakest_claim(case: EvalCase, answer: Answer) -> Score:
    """The lowest support score of a claim: what orders answers by how much they want a reader."""
    checked = _checked(answer)
    if isinstance(checked, str):
        return not_applicable(WEAKEST, checked)
    scored = [(found.score, text, found.kind) for text, found in checked if found.score is not None]
    if not scored:
        return not_applicable(WEAKEST, "the passages are in another language")
    value, text, kind = min(scored)
    detail: dict[str, Any] = {"claim": text, "kind": kind}
    return Score(name=WEAKEST, value=value, detail=detail)


def _checked(answer: Answer) -> list[tuple[str, Supported]] | str:
    """Each claim with its verdict, or why there is none."""
    claims, passages = claims_of(answer), evidence(answer)
    if not answer.outcome.answers or not claims:
        return "nothing is claimed"
    if not passages:
        return "the target shows no passages"
    return [(one.text, support(one.text, passages, language=answer.language)) for one in claims]
