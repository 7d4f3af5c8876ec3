"""Time limits of a call: until the first text, between two pieces, and in all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import Self, TypeVar

from answerable.adapters.models.provider import Provider
from answerable.core.deadline import Deadline
from answerable.core.errors import AnswerableError, DeadlineExceeded, TransientModelError
from answerable.core.time_limit import TimeLimit

T = TypeVar("T")


class Late(TransientModelError):  # noqa: N818
    """The provider was too slow. It has the request: connecting has a limit of its own. So it costs something."""


async def within(call: Awaitable[T], *, provider: Provider, deadline: Deadline) -> T:
    """The call's result. Raises TransientModelError past the provider's time, DeadlineExceeded past our own."""
    limit = provider.times.total_s
    try:
        async with asyncio.timeout(min(limit, deadline.remaining_s)):
            return await call
    except TimeoutError as exc:
        raise _late(provider, deadline, f"no reply within {limit:g} s") from exc


class Pace:
    """The time limits of one stream, with one timer for all its waits: `wait` before each piece, `came` after it.

    As a context manager around both it raises TransientModelError when the provider is too slow, DeadlineExceeded
    past the deadline. Only what is a piece counts: a server that keeps the line alive without saying anything is
    slow too.
    """

    __slots__ = ("_begun", "_deadline", "_limit", "_limit_s", "_provider", "_whole_at")

    def __init__(self, *, provider: Provider, deadline: Deadline) -> None:
        self._provider = provider
        self._deadline = deadline
        self._limit = TimeLimit()
        self._whole_at = self._limit.at(min(provider.times.total_s, deadline.remaining_s))
        self._begun = False
        self._limit_s = provider.times.first_token_s

    def wait(self) -> None:
        """The next piece is waited for."""
        self._limit.start(min(self._limit.at(self._limit_s), self._whole_at))

    def came(self) -> None:
        """It has come."""
        self._limit.stop()
        if not self._begun:
            self._begun, self._limit_s = True, self._provider.times.between_tokens_s

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        late = isinstance(error, asyncio.CancelledError) and self._limit.ran_out()
        self._limit.stop()
        self._limit.close()
        if late:
            raise _late(self._provider, self._deadline, self._missed()) from error

    def _missed(self) -> str:
        if self._limit.at(0.0) >= self._whole_at:
            return f"no whole reply within {self._provider.times.total_s:g} s"
        return f"no {'further' if self._begun else 'first'} text within {self._limit_s:g} s"


def _late(provider: Provider, deadline: Deadline, what: str) -> AnswerableError:
    if deadline.over:
        return DeadlineExceeded(f"{provider.name} had not replied when the time was over")
    return Late(f"{provider.name}: {what}", hint="raise its time limits, or ask another provider")
