"""Requests of the wrong form for this service: write, translate, role-play, advise; or a wish for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from answerable.core.answer import Answer
from answerable.core.outcome import Outcome
from answerable.core.query import Query
from answerable.core.verdict import Verdict
from answerable.guards.detection import fold_lookalikes
from answerable.guards.rulebook import Hit, hits, rulebook

Family = Literal["person", "task", "advice", "everyday"]
FAMILIES: tuple[Family, ...] = ("person", "task", "advice")  # "everyday": weather and cooking; on where wanted
_READ_CHARS = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeGuard:
    """Turns a request of the wrong form away as out_of_scope, and hands the wish for a person on as escalated.

    Which topics are in scope is decided by retrieval; this guard only knows forms.
    """

    mode: Literal["block", "flag"] = "block"
    families: tuple[Family, ...] = FAMILIES
    name: str = "scope"
    stage: Literal["question", "answer", "both"] = "question"
    fails: Literal["open", "closed"] = "open"

    async def check(self, query: Query, answer: Answer | None) -> Verdict:
        """Block with out_of_scope or escalated; a wish for a person goes first, and is never only flagged."""
        if answer is not None or not (found := misuses(query.text, self.families)):
            return Verdict(name=self.name, passed=True)
        rule = found[0].rule
        person = rule.family == "person"
        blocked = person or self.mode == "block"
        return Verdict(
            name=self.name,
            passed=False,
            action="block" if blocked else "flag",
            outcome=(Outcome.ESCALATED if person else Outcome.OUT_OF_SCOPE) if blocked else None,
            rule=rule.id,
            reason="asks for a person" if person else f"not what this service is for: {rule.family}",
        )


def misuses(text: str, families: tuple[Family, ...] = FAMILIES) -> list[Hit]:
    """The rules of scope.toml that hit, of these families, a wish for a person first."""
    rules = (rule for rule in rulebook("scope") if rule.family in families)
    return hits(rules, [fold_lookalikes(text[:_READ_CHARS])])
