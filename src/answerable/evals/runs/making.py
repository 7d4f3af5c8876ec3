"""A row from an answer and its scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from answerable.core.answer import Answer
from answerable.core.evaluation import EvalCase, Row, Score
from answerable.core.passage import Passage
from answerable.evals.cases.schema import to_mapping
from answerable.evals.runs.passing import JUDGE, passes
from answerable.evals.runs.plan import Asked

Record = Callable[[Answer], Mapping[str, Any]]  # the answer object, as clients get it
BROKE = "error"  # the outcome of a row whose target broke


def measured_row(
    asked: Asked, answer: Answer, scores: Sequence[Score], *, record: Record, latency_ms: float
) -> Row:
    """The row of an answer. Its `answer` holds the answer object, `passages`, `withheld` and the `case`."""
    return Row(
        case=asked.case.id,
        repeat=asked.repeat,
        key=asked.key,
        category=asked.case.category,
        cluster=asked.case.cluster_id,
        tags=asked.case.tags,
        language=asked.case.language,
        passed=passes(scores),
        outcome=answer.outcome.value,
        answer={
            **record(answer),
            "passages": [passage_record(one) for one in answer.passages],
            "withheld": [{"text": one.text, "reason": one.reason} for one in answer.withheld],
            "case": case_record(asked.case),
        },
        scores=tuple(scores),
        latency_ms=latency_ms,
        cost=answer.usage.cost,
        judge_cost=judge_cost(scores),
    )


def broken_row(asked: Asked, error: str, *, latency_ms: float) -> Row:
    """The row of a case whose target broke: neither passed nor failed."""
    return Row(
        case=asked.case.id,
        repeat=asked.repeat,
        key=asked.key,
        category=asked.case.category,
        cluster=asked.case.cluster_id,
        tags=asked.case.tags,
        language=asked.case.language,
        passed=None,
        outcome=BROKE,
        answer={"case": case_record(asked.case)},
        latency_ms=latency_ms,
        error=error,
    )


def case_record(case: EvalCase) -> dict[str, Any]:
    """What was asked and expected, so that a report needs no case file; without what is empty."""
    whole = to_mapping(case)
    kept = ("question", "language", "filters", "groups", "history", "expect", "accept_also", "why")
    return {key: whole[key] for key in kept if whole.get(key) not in (None, "", [], {})}


def passage_record(passage: Passage) -> dict[str, Any]:
    """Where it is and what it says: documents change, the row does not."""
    return {
        "chunk": passage.chunk.id,
        "document": passage.chunk.document_id,
        "uri": passage.uri,
        "title": passage.title,
        "section": passage.section,
        "text": passage.chunk.text,
        "score": round(passage.score, 6),
        "found_by": list(passage.found_by),
    }


def judge_cost(scores: Sequence[Score]) -> Decimal | None:
    """What the judges cost; None where no judge said."""
    said = [one.detail["cost"] for one in scores if one.name.startswith(JUDGE) and one.detail.get("cost")]
    return sum((Decimal(str(one)) for one in said), Decimal(0)) if said else None
