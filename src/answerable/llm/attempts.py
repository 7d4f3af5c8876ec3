"""Keeping book of tries: what was asked, when, for how long, and how it ended."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field, replace
from types import TracebackType

from answerable.core.completion import Attempt, Completion, Usage
from answerable.core.errors import (
    AnswerableError,
    BudgetExceeded,
    ModelError,
    NotAsked,
    PermanentModelError,
)

_MAX_ERROR = 300
_SAME_MS = 0.5  # so little is not worth a new record


@dataclass(slots=True, kw_only=True)
class Watch:
    """Times one try at one model. Times are milliseconds; `since` is when the route was asked."""

    provider: str
    model: str = ""
    endpoint: str = ""
    since: float = field(default_factory=time.perf_counter)
    started: float = field(default_factory=time.perf_counter)
    first_text_ms: float | None = None

    @property
    def at_once(self) -> bool:
        """Whether this try began when the route was asked: its times need no shift."""
        return self._offset_ms() < _SAME_MS

    def text(self) -> None:
        """The first text has come."""
        if self.first_text_ms is None:
            self.first_text_ms = self._elapsed_ms()

    def done(self, completion: Completion) -> tuple[Attempt, ...]:
        """The attempts behind a reply: those it brings, or this one."""
        return self._shifted(completion.attempts) or (
            self._attempt("ok", model=completion.model, usage=completion.usage),
        )

    def failed(self, error: AnswerableError) -> tuple[Attempt, ...]:
        """The attempts behind an error: those it brings, or this one."""
        brought = error.attempts if isinstance(error, ModelError) else ()
        outcome = _outcome(error)
        status = error.status if isinstance(error, ModelError) else None
        return self._shifted(brought) or (self._attempt(outcome, status=status, error=str(error)[:_MAX_ERROR]),)

    def cancelled(self) -> tuple[Attempt, ...]:
        """The record of a call that was given up."""
        return (self._attempt("cancelled"),)

    def skipped(self, reason: str) -> tuple[Attempt, ...]:
        """The record of a model that was not asked."""
        return (replace(self._attempt("skipped", error=reason), duration_ms=0.0),)

    def _attempt(
        self,
        outcome: str,
        *,
        model: str = "",
        status: int | None = None,
        error: str = "",
        usage: Usage | None = None,
    ) -> Attempt:
        return Attempt(
            provider=self.provider,
            model=model or self.model,
            outcome=outcome,
            started_ms=self._offset_ms(),
            duration_ms=self._elapsed_ms(),
            first_text_ms=self.first_text_ms,
            status=status,
            error=error,
            endpoint=self.endpoint,
            usage=usage,
        )

    def _shifted(self, attempts: tuple[Attempt, ...]) -> tuple[Attempt, ...]:
        """Attempts of something inside, on this clock."""
        offset = self._offset_ms()
        if offset < _SAME_MS and all(one.model for one in attempts):
            return attempts
        return tuple(
            replace(one, started_ms=one.started_ms + offset, model=one.model or self.model) for one in attempts
        )

    def _offset_ms(self) -> float:
        return (self.started - self.since) * 1000.0

    def _elapsed_ms(self) -> float:
        return (time.perf_counter() - self.started) * 1000.0


def _outcome(error: AnswerableError) -> str:
    if isinstance(error, (NotAsked, BudgetExceeded)):
        return "skipped"
    return "permanent" if isinstance(error, PermanentModelError) else "transient"


class opened:  # noqa: N801 - used like a function
    """A model's stream, closed at once when it is left: nothing goes on being generated and paid."""

    __slots__ = ("_stream",)

    def __init__(self, stream: AsyncIterator[str | Completion]) -> None:
        self._stream = stream

    async def __aenter__(self) -> AsyncIterator[str | Completion]:
        return self._stream

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(self._stream, AsyncGenerator):
            await self._stream.aclose()
