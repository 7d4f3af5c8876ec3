"""What is wrong with an answer, in words, by the metrics that have a bar."""

from __future__ import annotations

from collections.abc import Sequence

from answerable.core.answer import Answer
from answerable.core.evaluation import EvalCase, Status
from answerable.core.ports import Metric
from answerable.evals.diagnosis.diagnose import Wrong


def wrong_by(metrics: Sequence[Metric]) -> Wrong:
    """A check that gives the failed bars with their reasons; empty where every bar is cleared."""

    async def wrong(case: EvalCase, answer: Answer) -> str:
        scores = [await metric.score(case, answer) for metric in metrics]
        return "; ".join(
            f"{one.name}: {one.reason}" if one.reason else one.name
            for one in scores
            if one.passed is False or one.status is Status.ERROR
        )

    return wrong
