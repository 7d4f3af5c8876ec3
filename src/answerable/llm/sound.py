"""An LLM whose adapter may break in a way of its own: a failed attempt like any other, and the next may do."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import Broken, TransientModelError
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.core.seam import seam
from answerable.llm.attempts import opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """Stands next to the adapter, below its books and its circuit: both hear of what nobody foresaw."""

    llm: LLM

    @property
    def name(self) -> str:
        """The adapter's."""
        return self.llm.name

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """The reply. Raises as an LLM does."""
        with _as_transient(self.name):
            return await self.llm.complete(rendered, deadline=deadline)

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncGenerator[str | Completion, None]:
        """The reply in pieces. Raises as an LLM does."""
        with _as_transient(self.name):
            async with opened(self.llm.stream(rendered, deadline=deadline)) as pieces:
                async for piece in pieces:
                    yield piece


@contextmanager
def _as_transient(name: str) -> Iterator[None]:
    try:
        with seam(f"adapter of {name}"):
            yield
    except Broken as error:
        raise TransientModelError(str(error), hint=error.hint) from error
