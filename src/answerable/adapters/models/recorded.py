"""A model's words, said again: what checks and guards make of them can be tried without the model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.prompt import Rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An LLM that gives the same completion whatever it is asked."""

    completion: Completion

    @property
    def name(self) -> str:
        """The provider that said it."""
        return self.completion.provider

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """The completion."""
        return self.completion

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncIterator[str | Completion]:
        """The whole text at once, then the completion."""
        yield self.completion.text
        yield self.completion
