"""Was it the retriever or the generator? Read off the matrix of claims × chunks.

Context is sufficient where every gold fact that retrieval had to find is in a chunk (Joren et al. 2025, Sufficient
Context, arXiv:2411.06037); every figure can be split by {sufficient, insufficient} × {correct, abstained, wrong}.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, Literal

from answerable.core.answer import Answer
from answerable.core.evaluation import EvalCase, Score
from answerable.evals.metrics.deterministic import not_applicable
from answerable.evals.metrics.diagnostics import Diagnostics, diagnose
from answerable.evals.metrics.matrix import matrix
from answerable.evals.metrics.phrases import must, must_not

NAME = "claim_f1"
Fault = Literal["retriever", "generator", "both", "none"]
Context = Literal["sufficient", "insufficient", "unknown"]
Result = Literal["correct", "abstained", "wrong"]
_ENOUGH = 0.5  # of reference or quotes in the answer, where no phrase is required


def claim_f1(case: EvalCase, answer: Answer) -> Score:
    """F1 of claim precision and recall; `detail` keeps matrix, diagnostics, stratum and fault."""
    table = matrix(case, answer)
    found = diagnose(table)
    detail: dict[str, Any] = {
        "matrix": asdict(table),
        "diagnostics": asdict(found),
        "stratum": _stratum(case, answer, found),
        "fault": _fault(case, answer, found),
    }
    if not answer.outcome.answers or found.precision is None or found.recall is None:
        reason = "there are no claims, or no reference or quotes to hold them against"
        return replace(not_applicable(NAME, reason), detail=detail)
    both = found.precision + found.recall
    value = 2 * found.precision * found.recall / both if both else 0.0
    return Score(name=NAME, value=value, detail=detail)


def fault(case: EvalCase, answer: Answer) -> Fault | None:
    """Who is at fault. None: nothing is expected, or the target does not show what it found.

    Nothing sufficient was found and it said so, or it followed what was found: the retriever. Enough was found and
    the answer is still wrong or missing: the generator. Not enough was found and it made something up: both.
    """
    return _fault(case, answer, diagnose(matrix(case, answer)))


def stratum(case: EvalCase, answer: Answer) -> tuple[Context, Result] | None:
    """The cell of {sufficient, insufficient, unknown} × {correct, abstained, wrong}; None: nothing is expected."""
    return _stratum(case, answer, diagnose(matrix(case, answer)))


def _fault(case: EvalCase, answer: Answer, found: Diagnostics) -> Fault | None:
    cell = _stratum(case, answer, found)
    if cell is None:
        return None
    context, result = cell
    if result == "correct":
        return "none"
    if _wants_no_answer(case):
        return "generator"  # there was nothing to find
    if context == "unknown":
        return None
    if context == "sufficient":
        return "generator"
    invented = result == "wrong" and found.faithfulness is not None and found.faithfulness < 1.0
    return "both" if invented else "retriever"


def _stratum(case: EvalCase, answer: Answer, found: Diagnostics) -> tuple[Context, Result] | None:
    if _wants_no_answer(case):
        return "insufficient", "wrong" if answer.outcome.answers else "correct"
    if found.claim_recall is None and found.recall is None:
        return None
    return _context(answer, found), _result(case, answer, found)


def _wants_no_answer(case: EvalCase) -> bool:
    return case.expect.outcome is not None and not case.expect.outcome.answers


def _context(answer: Answer, found: Diagnostics) -> Context:
    if not answer.passages and answer.outcome.answers:
        return "unknown"  # a target that shows nothing found something all the same
    return "sufficient" if found.claim_recall == 1.0 else "insufficient"


def _result(case: EvalCase, answer: Answer, found: Diagnostics) -> Result:
    if not answer.outcome.answers:
        return "abstained"
    said = must(case, answer).passed if case.expect.must else (found.recall or 0.0) >= _ENOUGH
    return "correct" if said and must_not(case, answer).passed is not False else "wrong"
