"""An interview: one question put to one model, again where its reply cannot be read, and never past the budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import AnswerableError
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.evals.judges.budget import Budget
from answerable.evals.judges.criterion import Criterion
from answerable.evals.judges.rendering import JudgeRenderer
from answerable.evals.judges.reply import Reply, parse_reply

ATTEMPTS = 2  # invalid output is asked for once more, then it is unmeasured
MAX_CHARS = 60_000  # of the material; what is longer is not judged, because half of an answer is another answer
_CHARS_PER_TOKEN = 2  # of the estimate before a call: low, so that the estimate is high


class Estimate(Protocol):
    """What a call may cost at the most, for so many tokens in and out; None where the model has no price."""

    def __call__(self, *, input_tokens: int, output_tokens: int) -> Decimal | None: ...


@dataclass(slots=True, kw_only=True)
class Heard:
    """What came of it. `reply` None: nothing that could be read, and `error` says why."""

    reply: Reply | None = None
    error: str = ""
    models: list[str] = field(default_factory=list)  # as the provider reported them
    cost: Decimal = Decimal(0)
    unpriced: bool = False

    def book(self, completion: Completion) -> None:
        """Add what a call told of itself."""
        self.models = [completion.model]
        self.unpriced = self.unpriced or completion.usage.cost is None
        self.cost += completion.usage.cost or Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interviewer:
    """A model with a prompt, a budget and a time limit. `model`: protocol, endpoint and name, as configured."""

    llm: LLM
    model: str
    renderer: JudgeRenderer
    budget: Budget
    estimate: Estimate
    timeout_s: float = 30.0

    async def ask(
        self, criterion: Criterion, parts: Sequence[tuple[str, str]], *, verdicts: Sequence[str]
    ) -> Heard:
        """Raises nothing but cancellation: what goes wrong is in `Heard.error`, and what it cost beside it."""
        heard = Heard()
        if sum(len(text) for _, text in parts) > MAX_CHARS:
            heard.error = f"longer than the {MAX_CHARS:,} characters that a judge reads"
            return heard
        try:
            await self._try(heard, criterion, parts, verdicts)
        except AnswerableError as error:
            heard.error = str(error)
        return heard

    async def _try(
        self, heard: Heard, criterion: Criterion, parts: Sequence[tuple[str, str]], verdicts: Sequence[str]
    ) -> None:
        heard.error = f"no valid reply in {ATTEMPTS} attempts"
        for _ in range(ATTEMPTS):
            asked = self.renderer.render(criterion, parts)
            completion = await self._complete(asked.rendered)
            if completion is None:
                heard.error = "the budget for judges is spent"
                return
            heard.book(completion)
            reply = parse_reply(completion.text, token=asked.token, verdicts=verdicts)
            if reply is not None and completion.finish == "stop":
                heard.reply, heard.error = reply, ""
                return

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
