"""An LLM that tells those behind it what it is used for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Sets `use` of every prompt, where it is not set."""

    llm: LLM
    use: str

    @property
    def name(self) -> str:
        """The name of the model behind."""
        return self.llm.name

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """The reply. Raises what the model behind raises."""
        return await self.llm.complete(self._named(rendered), deadline=deadline)

    def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncIterator[str | Completion]:
        """The reply in pieces: the stream of the model behind."""
        return self.llm.stream(self._named(rendered), deadline=deadline)

    def _named(self, rendered: Rendered) -> Rendered:
        return rendered if rendered.use else replace(rendered, use=self.use)
