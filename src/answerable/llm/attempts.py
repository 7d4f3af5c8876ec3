"""Keeping book of tries: what was asked, when, for how long, and how it ended."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from answerable.core.completion import Attempt, Completion
from answerable.core.errors import AnswerableError, ModelError, PermanentModelError, TransientModelError

_MAX_ERROR = 300


@dataclass(slots=True, kw_only=True)
class Watch:
    """Times one try at one model. Times are milliseconds; `since` is when the route was asked."""

    provider: str
    model: str = ""
    since: float = field(default_factory=time.perf_counter)
    started: float = field(default_factory=time.perf_counter)
    first_text_ms: float | None = None

    def text(self) -> None:
        """The first text has come."""
        if self.first_text_ms is None:
            self.first_text_ms = self._elapsed_ms()

    def done(self, completion: Completion) -> tuple[Attempt, ...]:
        """The attempts behind a reply: those it brings, or this one."""
        return self._shifted(completion.attempts) or (self._attempt("ok", model=completion.model),)

    def failed(self, error: AnswerableError) -> tuple[Attempt, ...]:
        """The attempts behind an error: those it brings, or this one."""
        brought = error.attempts if isinstance(error, ModelError) else ()
        outcome = "permanent" if isinstance(error, PermanentModelError) else "transient"
        status = error.status if isinstance(error, ModelError) else None
        return self._shifted(brought) or (self._attempt(outcome, status=status, error=str(error)[:_MAX_ERROR]),)

    def skipped(self, reason: str) -> tuple[Attempt, ...]:
        """The record of a model that was not asked."""
        return (replace(self._attempt("skipped", error=reason), duration_ms=0.0),)

    def _attempt(self, outcome: str, *, model: str = "", status: int | None = None, error: str = "") -> Attempt:
        return Attempt(
            provider=self.provider,
            model=model or self.model,
            outcome=outcome,
            started_ms=self._offset_ms(),
            duration_ms=self._elapsed_ms(),
            first_text_ms=self.first_text_ms,
            status=status,
            error=error,
        )

    def _shifted(self, attempts: tuple[Attempt, ...]) -> tuple[Attempt, ...]:
        """Attempts of something inside, on this clock."""
        offset = self._offset_ms()
        return tuple(
            replace(one, started_ms=one.started_ms + offset, model=one.model or self.model) for one in attempts
        )

    def _offset_ms(self) -> float:
        return (self.started - self.since) * 1000.0

    def _elapsed_ms(self) -> float:
        return (time.perf_counter() - self.started) * 1000.0


@asynccontextmanager
async def opened(stream: AsyncIterator[str | Completion]) -> AsyncIterator[AsyncIterator[str | Completion]]:
    """A model's stream, closed at once when it is left: nothing goes on being generated and paid."""
    try:
        yield stream
    finally:
        if isinstance(stream, AsyncGenerator):
            await stream.aclose()


async def watched(stream: AsyncIterator[str | Completion], watch: Watch) -> AsyncGenerator[str | Completion, None]:
    """The stream up to its Completion, which comes when all behind it is released already.

    Raises TransientModelError when there is none.
    """
    completion: Completion | None = None
    async with opened(stream):
        async for piece in stream:
            if isinstance(piece, Completion):
                completion = piece
                break
            if piece:
                watch.text()
                yield piece
    if completion is None:
        raise TransientModelError(f"{watch.provider} ended without a completion")
    yield completion
