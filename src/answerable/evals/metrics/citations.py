"""Citation precision and recall, as ALCE defines them (Gao et al. 2023, arXiv:2305.14627, §3.3).

A sentence has recall 1 when the passages it cites, taken together, support it; 0 without a citation or with one
that points nowhere. A citation is precise when its sentence has recall 1 and it is not irrelevant: alone it does
not support the sentence, and the others do without it. The deterministic support score (support.py) stands in the
place of the NLI model. Sentences that claim nothing (limits, courtesies, questions) are left out: ALCE counts them
as failures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from answerable.core.answer import Answer
from answerable.core.evaluation import EvalCase, Score
from answerable.core.passage import Passage
from answerable.evals.metrics.deterministic import not_applicable
from answerable.evals.metrics.statements import Statement, claims_of
from answerable.evals.metrics.support import support

PRECISION = "citation_precision"
RECALL = "citation_recall"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """One statement's part: whether it is supported, and how many of its citations are precise."""

    text: str
    supported: bool
    precise: int
    citations: int


def citation_recall(case: EvalCase, answer: Answer) -> Score:
    """Statements supported by what they cite / statements that claim something."""
    found = cited(claims_of(answer), answer.language)
    if not answer.outcome.answers or not found:
        return not_applicable(RECALL, "nothing is claimed")
    unsupported = [one.text for one in found if not one.supported]
    return Score(
        name=RECALL,
        value=1.0 - len(unsupported) / len(found),
        reason=f"{len(unsupported)} of {len(found)} statements are not supported by what they cite"
        if unsupported
        else "",
        detail={"statements": len(found), "unsupported": unsupported},
    )


def citation_precision(case: EvalCase, answer: Answer) -> Score:
    """Precise citations / citations; not applicable where nothing is cited (that is recall's finding)."""
    found = cited(claims_of(answer), answer.language)
    total = sum(one.citations for one in found)
    if not answer.outcome.answers or not total:
        return not_applicable(PRECISION, "nothing is cited")
    precise = sum(one.precise for one in found)
    return Score(
        name=PRECISION,
        value=precise / total,
        reason=f"{total - precise} of {total} citations do not support their sentence" if precise < total else "",
        detail={"citations": total, "precise": precise},
    )


def cited(claims: Sequence[Statement], language: str) -> list[Cited]:
    """Each claim with its verdicts."""
    return [_cited(one, language) for one in claims]


def _cited(claim: Statement, language: str) -> Cited:
    supported = not claim.broken and _supports(claim.text, claim.passages, language)
    precise = sum(_is_precise(claim, passage, language) for passage in claim.passages) if supported else 0
    count = len(claim.passages) + claim.broken
    return Cited(text=claim.text, supported=supported, precise=precise, citations=count)


def _is_precise(claim: Statement, passage: Passage, language: str) -> bool:
    others = [one for one in claim.passages if one is not passage]
    if not others or _supports(claim.text, [passage], language):
        return True
    return not _supports(claim.text, others, language)


def _supports(text: str, passages: Sequence[Passage], language: str) -> bool:
    return support(text, passages, language=language).supported
