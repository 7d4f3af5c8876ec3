"""A metric made of a plain function: no model, no clock, the same score every time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from answerable.core.answer import Answer
from answerable.core.evaluation import EvalCase, Score, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Deterministic:
    """Implements the Metric port. What breaks inside is a score with status error: neither passed nor failed."""

    name: str
    compute: Callable[[EvalCase, Answer], Score]

    async def score(self, case: EvalCase, answer: Answer) -> Score:
        """The function's score."""
        return self.measure(case, answer)

    def measure(self, case: EvalCase, answer: Answer) -> Score:
        """The same, for those who compute in a thread."""
        try:
            return self.compute(case, answer)
        except Exception as error:  # noqa: BLE001 - one answer that a metric trips over must not end a run
            return Score(name=self.name, status=Status.ERROR, reason=f"{type(error).__name__}: {error}")


def not_applicable(name: str, reason: str) -> Score:
    """There was nothing to measure."""
    return Score(name=name, status=Status.NOT_APPLICABLE, reason=reason)
