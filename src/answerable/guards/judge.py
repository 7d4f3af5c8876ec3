"""A model that looks at a question before it is answered: one more voice, which can stop and never allow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from answerable.core.answer import Answer
from answerable.core.deadline import Deadline
from answerable.core.errors import PermanentModelError
from answerable.core.outcome import Outcome
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.core.query import Query
from answerable.core.verdict import Verdict
from answerable.guards.asked import Asked, read_asked
from answerable.guards.injection import BLOCK_AT, scan_question

Render = Callable[[Query], Rendered]  # fills the prompt `guard`; its `boundary` is the token of the call
_OUTCOMES = {Asked.REDIRECTS: Outcome.BLOCKED, Asked.OUTSIDE: Outcome.OUT_OF_SCOPE}
_REASONS = {
    Asked.REDIRECTS: "a model reads it as redirecting",
    Asked.OUTSIDE: "a model finds it outside of the scope",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeGuard:
    """Blocks or flags what the model says is redirecting or out of scope.

    Rules and classifier come first and cannot be overruled by it: what they block, it is not asked about. Its
    words are not repeated: whoever wrote the question could have written them.
    """

    llm: LLM
    render: Render
    mode: Literal["block", "flag"] = "block"
    when: Literal["unsure", "always"] = "unsure"
    unsure_from: float = 0.35
    seconds: float = 0.8
    name: str = "judge"
    stage: Literal["question", "answer", "both"] = "question"
    fails: Literal["open", "closed"] = "open"

    async def check(self, query: Query, answer: Answer | None) -> Verdict:
        """Raises ModelError and DeadlineExceeded, and PermanentModelError for a reply without the call's token."""
        if answer is not None or not self._asked_about(query.text):
            return Verdict(name=self.name, passed=True)
        said = await self._said(query)
        if said is Asked.FINE:
            return Verdict(name=self.name, passed=True)
        return Verdict(
            name=self.name,
            passed=False,
            action=self.mode,
            outcome=_OUTCOMES[said] if self.mode == "block" else None,
            rule=said.value.lower(),
            reason=_REASONS[said],
        )

    def _asked_about(self, text: str) -> bool:
        if self.when == "always":
            return True
        return self.unsure_from <= scan_question(text).score < BLOCK_AT

    async def _said(self, query: Query) -> Asked:
        rendered = self.render(query)
        deadline = Deadline.after(query.deadline.share(at_most_s=self.seconds))
        completion = await self.llm.complete(rendered, deadline=deadline)
        read = read_asked(completion.text, token=rendered.boundary)
        if read is None:
            raise PermanentModelError("the guard's model gave no verdict with the token of the call")
        return read[0]
