"""Content safety, the offline floor: phrases of plain requests for serious harm. Not a classifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from answerable.core.answer import Answer
from answerable.core.outcome import Outcome
from answerable.core.query import Query
from answerable.core.verdict import Verdict
from answerable.guards.detection import views
from answerable.guards.rulebook import Hit, certainty, hits, rulebook

_NEEDS_A_PERSON = "self_harm"  # whoever speaks of it gets a person, not a refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyGuard:
    """Blocks or flags questions and answers with a phrase of the list; self-harm is escalated to a person."""

    question: Literal["block", "flag", "off"] = "block"
    answer: Literal["block", "flag", "off"] = "block"
    name: str = "safety"
    stage: Literal["question", "answer", "both"] = "both"
    fails: Literal["open", "closed"] = "closed"

    async def check(self, query: Query, answer: Answer | None) -> Verdict:
        """`rule` is the first rule that hit; the reason names its family."""
        mode = self.question if answer is None else self.answer
        found = harms(query.text if answer is None else answer.text) if mode != "off" else []
        if not found:
            return Verdict(name=self.name, passed=True)
        outcome = Outcome.ESCALATED if found[0].rule.family == _NEEDS_A_PERSON else Outcome.BLOCKED
        return Verdict(
            name=self.name,
            score=certainty((hit.rule, hit.rule.weight) for hit in found),
            passed=False,
            action=mode,
            outcome=outcome if mode == "block" else None,
            rule=found[0].rule.id,
            reason=f"asks for harm: {found[0].rule.family.replace('_', ' ')}",
        )


def harms(text: str) -> list[Hit]:
    """The rules of safety.toml that hit."""
    return hits(rulebook("safety"), views(text))
