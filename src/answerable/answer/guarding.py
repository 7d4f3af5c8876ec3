"""Running the guards: over the question before anything, over each sentence before it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from answerable.core.answer import Answer
from answerable.core.outcome import Outcome
from answerable.core.ports import Guard, SecretGuard
from answerable.core.prompt import Rendered
from answerable.core.query import Query
from answerable.core.verdict import Verdict

_KEPT = 4000  # characters of a blocked question: what is refused for its length is not worked through


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the guards made of a text. `blocked` is the verdict that ended it."""

    text: str
    verdicts: tuple[Verdict, ...] = ()
    blocked: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """All guards of a system, in order; each sees the text as the one before left it."""

    members: tuple[Guard, ...] = ()

    def bound_to(self, rendered: Rendered) -> Guards:
        """The guards for one request: those that watch for secrets know this request's."""
        return Guards(members=tuple(_bind(guard, rendered) for guard in self.members))

    async def question(self, query: Query) -> Checked:
        """Over the question. The first block decides; the guards after it still mask, for the text is kept."""
        verdicts: list[Verdict] = []
        blocked: Verdict | None = None
        for guard in self._of("question"):
            verdict = await guard.check(query, None)
            if verdict.action == "mask" and verdict.replacement is not None:
                query = replace(query, text=verdict.replacement)
            if blocked is None or verdict.action == "mask":
                verdicts.append(verdict)
            if blocked is None and verdict.action == "block":
                blocked = verdict
                query = replace(query, text=query.text[:_KEPT])
        return Checked(text=query.text, verdicts=tuple(verdicts), blocked=blocked)

    async def answer(self, query: Query, answer: Answer) -> Checked:
        """Over the text of an answer or of one of its sentences; stops at the first block."""
        verdicts: list[Verdict] = []
        for guard in self._of("answer"):
            verdict = await guard.check(query, answer)
            verdicts.append(verdict)
            if verdict.action == "block":
                return Checked(text=answer.text, verdicts=tuple(verdicts), blocked=verdict)
            if verdict.action == "mask" and verdict.replacement is not None:
                answer = replace(answer, text=verdict.replacement)
        return Checked(text=answer.text, verdicts=tuple(verdicts))

    def _of(self, stage: str) -> Sequence[Guard]:
        return [guard for guard in self.members if guard.stage in (stage, "both")]


def _bind(guard: Guard, rendered: Rendered) -> Guard:
    if isinstance(guard, SecretGuard):
        return guard.with_secrets(canary=rendered.canary, system=rendered.system)
    return guard


def outcome_of(verdict: Verdict) -> Outcome:
    """What a block turns the answer into."""
    return verdict.outcome or Outcome.BLOCKED
