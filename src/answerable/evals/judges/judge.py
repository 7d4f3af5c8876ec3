"""A judge: one model that answers one criterion's question about an answer. Not a panel, see `panel.py`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol, Self

from answerable.core.answer import Answer
from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import AnswerableError
from answerable.core.evaluation import Answered, EvalCase, Score
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.evals.judges.budget import Budget
from answerable.evals.judges.criterion import Criterion
from answerable.evals.judges.identity import JudgeIdentity, identity_of
from answerable.evals.judges.judgment import PREFIX, Judgment, checked_evidence
from answerable.evals.judges.material import MAX_CHARS, Material, material_of
from answerable.evals.judges.memory import Memory
from answerable.evals.judges.rendering import JudgeRenderer
from answerable.evals.judges.reply import Reply, parse_reply

ATTEMPTS = 2  # invalid output is asked for once more, then it is unmeasured
_CHARS_PER_TOKEN = 2  # of the estimate before a call: low, so that the estimate is high
_VERDICTS = tuple(one.value for one in Answered)


class Estimate(Protocol):
    """What a call may cost at the most, for so many tokens in and out; None where the model has no price."""

    def __call__(self, *, input_tokens: int, output_tokens: int) -> Decimal | None: ...


class Judging(Protocol):
    """One judge or a panel of them, for one criterion."""

    @property
    def identity(self) -> JudgeIdentity: ...

    @property
    def criterion(self) -> Criterion: ...

    def again(self, repeat: int) -> Self: ...

    async def judge(self, material: Material) -> Judgment: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """A Metric named `judge:<criterion>`. `model` is the configured one, with protocol and endpoint."""

    criterion: Criterion
    llm: LLM
    model: str
    renderer: JudgeRenderer
    memory: Memory
    budget: Budget
    estimate: Estimate
    repeat: int = 0
    timeout_s: float = 30.0

    @property
    def name(self) -> str:
        """Of its scores."""
        return f"{PREFIX}{self.criterion.id}"

    @property
    def identity(self) -> JudgeIdentity:
        """Which judge it is."""
        return identity_of(self.criterion, self.renderer.prompt, self.model)

    def again(self, repeat: int) -> Self:
        """The same judge, asked for the (repeat + 1)-th time: what it said the other times is not looked up."""
        return replace(self, repeat=repeat)

    async def score(self, case: EvalCase, answer: Answer) -> Score:
        """Raises nothing but cancellation."""
        return (await self.judge(material_of(case, answer))).score(self.identity)

    async def judge(self, material: Material) -> Judgment:
        """From memory, else from the model. What cannot be judged comes back as an error, never as a verdict."""
        if not_asked := material.without(self.criterion):
            return Judgment(not_asked=not_asked)
        key = self.identity.key(material.normal(self.criterion.shows), repeat=self.repeat)
        try:
            async with self.memory.turn(key):
                if (known := await self.memory.recall(key)) is not None:
                    return known
                said = await self._ask(material)
                if said.verdict is not None:
                    await self.memory.keep(key, said)
                return said
        except AnswerableError as error:
            return Judgment(error=str(error))

    async def _ask(self, material: Material) -> Judgment:
        parts = list(material.parts(self.criterion.shows))
        if sum(len(text) for _, text in parts) > MAX_CHARS:
            return Judgment(error=f"longer than the {MAX_CHARS:,} characters that a judge reads")
        costs: list[Decimal | None] = []
        for _ in range(ATTEMPTS):
            asked = self.renderer.render(self.criterion, parts)
            completion = await self._complete(asked.rendered)
            if completion is None:
                return _unread(costs, "the budget for judges is spent")
            costs.append(completion.usage.cost)
            reply = parse_reply(completion.text, token=asked.token, verdicts=_VERDICTS)
            if reply is not None and completion.finish == "stop":
                return _said(reply, completion, costs, [text for _, text in parts])
        return _unread(costs, f"no valid reply in {ATTEMPTS} attempts")

    async def _complete(self, rendered: Rendered) -> Completion | None:
        """The model's reply; None where the budget does not allow it."""
        tokens = (len(rendered.system) + len(rendered.user)) // _CHARS_PER_TOKEN
        most = self.estimate(input_tokens=tokens, output_tokens=rendered.max_output_tokens)
        if not self.budget.hold(most):
            return None
        cost = None
        try:
            completion = await self.llm.complete(rendered, deadline=Deadline.after(self.timeout_s))
            cost = completion.usage.cost
        finally:
            self.budget.settle(most, cost)
        return completion


def _said(reply: Reply, completion: Completion, costs: list[Decimal | None], texts: list[str]) -> Judgment:
    return Judgment(
        verdict=Answered(reply.verdict),
        why=reply.why,
        evidence=checked_evidence(reply.evidence, texts),
        models=(completion.model,),
        cost=_sum(costs),
        unpriced=None in costs,
    )


def _unread(costs: list[Decimal | None], error: str) -> Judgment:
    return Judgment(error=error, cost=_sum(costs), unpriced=None in costs)


def _sum(costs: list[Decimal | None]) -> Decimal:
    return sum((cost for cost in costs if cost is not None), Decimal(0))
