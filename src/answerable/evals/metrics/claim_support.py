"""Does the context hold what the answer claims? Numbers, dates, names, negation, links, quotes, wording."""

from __future__ import annotations

from answerable.answer.verification import check_support
from answerable.core.answer import Answer
from answerable.core.evaluation import EvalCase, Score
from answerable.evals.metrics.deterministic import not_applicable
from answerable.evals.metrics.statements import claims_of, evidence

NAME = "claim_support"


def claim_support(case: EvalCase, answer: Answer) -> Score:
    """Supported claims / claims, against everything that the target showed; `detail` lists the others by kind."""
    claims = claims_of(answer)
    passages = evidence(answer)
    if not answer.outcome.answers or not claims:
        return not_applicable(NAME, "nothing is claimed")
    if not passages:
        return not_applicable(NAME, "the target shows no passages")
    checked = [(one.text, check_support(one.text, passages, language=answer.language)) for one in claims]
    unsupported = [{"claim": text, "kind": support.reason} for text, support in checked if not support.supported]
    return Score(
        name=NAME,
        value=1.0 - len(unsupported) / len(claims),
        reason=f"{len(unsupported)} of {len(claims)} claims are not supported" if unsupported else "",
        detail={"claims": len(claims), "unsupported": unsupported, "withheld": len(answer.withheld)},
    )
