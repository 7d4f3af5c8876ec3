"""A guard that goes on with the canonical form of question and answer: what a reader of them sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from answerable.core.answer import Answer
from answerable.core.query import Query
from answerable.core.verdict import Verdict
from answerable.text.canonical import canonicalize


@dataclass(frozen=True, slots=True, kw_only=True)
class CanonicalGuard:
    """Goes on with the canonical form of the question, and shows that of an answer."""

    name: str = "canonical"
    stage: Literal["question", "answer", "both"] = "both"
    fails: Literal["open", "closed"] = "closed"

    async def check(self, query: Query, answer: Answer | None) -> Verdict:
        """Mask with the canonical form where it differs; `rule` names what was taken out."""
        text = query.text if answer is None else answer.text
        canonical = canonicalize(text)
        if canonical.text == text:
            return Verdict(name=self.name, passed=True)
        what = ", ".join(canonical.removed)
        return Verdict(
            name=self.name,
            passed=True,
            action="mask",
            replacement=canonical.text,
            rule=what,
            reason=f"invisible or disguised characters taken out: {what.replace('_', ' ')}",
        )
