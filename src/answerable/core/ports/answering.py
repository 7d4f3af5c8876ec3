"""Out: a question becomes an answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Literal, Protocol, runtime_checkable

from answerable.core.answer import Answer
from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.passage import Passage
from answerable.core.prompt import Rendered
from answerable.core.query import Query
from answerable.core.verdict import Verdict


class Reranker(Protocol):
    """Orders candidates anew."""

    async def rerank(self, query: Query, passages: Sequence[Passage], *, limit: int) -> list[Passage]:
        """The best `limit` of the passages, best first, score in [0, 1]; no passage is invented or repeated."""
        ...


class LLM(Protocol):
    """A language model, or several behind one face."""

    @property
    def name(self) -> str: ...

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """Raises TransientModelError, PermanentModelError or DeadlineExceeded."""
        ...

    def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncIterator[str | Completion]:
        """Pieces of text as they come, then exactly one Completion with the whole text. Raises as `complete` does;
        a stream that ends without a finish reason raises TransientModelError."""
        ...


class Guard(Protocol):
    """Decides what may enter and what may leave. `fails` says what happens when the guard itself breaks."""

    @property
    def name(self) -> str: ...

    @property
    def stage(self) -> Literal["question", "answer", "both"]: ...

    @property
    def fails(self) -> Literal["open", "closed"]: ...

    async def check(self, query: Query, answer: Answer | None) -> Verdict: ...


@runtime_checkable
class SecretGuard(Protocol):
    """A guard that has to know what must not come out of this one request."""

    def with_secrets(self, *, canary: str, system: str) -> Guard: ...
