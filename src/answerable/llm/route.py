"""The head of a route: it tells those behind it what they are used for, and counts the requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.llm.budget import RetryBudget


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Sets `use` of every prompt where it is not set, and pays into the budget of retries."""

    llm: LLM
    use: str
    budget: RetryBudget

    @property
    def name(self) -> str:
        """The name of the model behind."""
        return self.llm.name

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """The reply. Raises what the model behind raises."""
        return await self.llm.complete(self._entered(rendered), deadline=deadline)

    def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncIterator[str | Completion]:
        """The reply in pieces: the stream of the model behind."""
        return self.llm.stream(self._entered(rendered), deadline=deadline)

    def _entered(self, rendered: Rendered) -> Rendered:
        self.budget.paid_in()
        return rendered if rendered.use else replace(rendered, use=self.use)
