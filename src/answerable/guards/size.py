"""The input size guard: a question that is too long is turned away before anything reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from answerable.core.answer import Answer
from answerable.core.outcome import Outcome
from answerable.core.query import Query
from answerable.core.verdict import Verdict

DEFAULT_CHARS = 4_000  # docs/decisions/0045-guards.md


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeGuard:
    """Blocks a question of more than `limit` characters, in constant time."""

    limit: int = DEFAULT_CHARS
    name: str = "size"
    stage: Literal["question", "answer", "both"] = "question"
    fails: Literal["open", "closed"] = "closed"

    async def check(self, query: Query, answer: Answer | None) -> Verdict:
        """Block with the outcome too_long, or allow; only the length is looked at."""
        length = len(query.text)
        if answer is not None or length <= self.limit:
            return Verdict(name=self.name, passed=True)
        return Verdict(
            name=self.name,
            passed=False,
            action="block",
            outcome=Outcome.TOO_LONG,
            rule="characters",
            reason=f"{length} characters; the limit is {self.limit}",
        )
