"""The first step of a question: what the guards leave of it and of its conversation, or why it is not answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from answerable.answer.deadlines import Plan
from answerable.answer.followup import latest, standalone
from answerable.answer.guarding import Checked, Guards, outcome_of
from answerable.answer.nonanswer import NonAnswers
from answerable.answer.trace_rows import verdict_rows
from answerable.core.answer import Answer
from answerable.core.outcome import Outcome
from answerable.core.query import Query, Turn
from answerable.core.trace import step
from answerable.text.stems import stems


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """Runs the guards over a question, and says no in the words of the project."""

    guards: Guards
    non_answers: NonAnswers
    plan: Plan
    input_chars: int

    async def received(self, query: Query) -> tuple[Query, Answer | None]:
        """The question as it may be searched with and written down; and the refusal, where it ends here."""
        with step("guard_question") as one:
            checked = await self.guards.question(query, seconds=self._seconds(query))
            one.detail["verdicts"] = verdict_rows(checked.verdicts)
        history = () if checked.blocked else await self._conversation(query)
        kept = replace(query, text=checked.text, history=history)
        values = {"length": str(len(query.text)), "limit": str(self.input_chars)}
        return kept, self._refusal(kept, checked, values)

    def _refusal(self, query: Query, checked: Checked, values: Mapping[str, str]) -> Answer | None:
        make = self.non_answers.make
        if blocked := checked.blocked:
            return make(query, outcome_of(blocked), values=values, verdicts=checked.verdicts)
        if query.refused:
            return make(query, Outcome.ESCALATED, key=f"escalated.{query.refused}", verdicts=checked.verdicts)
        if not stems(standalone(query), query.language):
            return make(query, Outcome.CLARIFY, verdicts=checked.verdicts)
        return None

    async def _conversation(self, query: Query) -> tuple[Turn, ...]:
        """What of it may be leant on, searched with, shown to a model and written down."""
        if not query.history:
            return ()
        with step("guard_history") as one:
            given = latest(query.history)
            kept = await self.guards.earlier(replace(query, history=given), seconds=self._seconds(query))
            one.detail.update(turns=len(query.history), kept=len(kept))
        return kept

    def _seconds(self, query: Query) -> float:
        return self.plan.seconds("guard_question", query.deadline)
