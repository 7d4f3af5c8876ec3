"""A race of two calls that ask the same: the first one with a result wins, the other one is cancelled at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from answerable.core.completion import Attempt
from answerable.core.errors import ModelError
from answerable.llm.attempts import Watch
from answerable.llm.breaker import Breaker

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class Runner(Generic[T]):
    """One of the calls."""

    watch: Watch
    task: asyncio.Task[T]

    def attempts(self) -> tuple[Attempt, ...]:
        """The record of one that did not win."""
        if self.task.done() and not self.task.cancelled():
            error = self.task.exception()
            if isinstance(error, ModelError):
                return self.watch.failed(error)
        return self.watch.cancelled()


@dataclass(slots=True, kw_only=True)
class Race(Generic[T]):
    """`begin` makes a call to an endpoint; `undo` takes back a result that came second."""

    begin: Callable[[Breaker], Coroutine[Any, Any, T]]
    undo: Callable[[T], Awaitable[None]]
    since: float  # of the request, for the record
    runners: list[Runner[T]] = field(default_factory=list)
    winner: Runner[T] | None = None

    def enter(self, endpoint: Breaker) -> None:
        """One more call."""
        watch = Watch(provider=endpoint.name, since=self.since, endpoint=endpoint.id)
        self.runners.append(Runner(watch=watch, task=asyncio.create_task(self.begin(endpoint))))

    async def ended_within(self, seconds: float) -> bool:
        """Whether the first call ends within so long."""
        done, _ = await asyncio.wait([one.task for one in self.runners], timeout=seconds)
        return bool(done)

    async def won(self) -> T:
        """The first result. Raises the first call's error when all have failed."""
        pending = {one.task for one in self.runners}
        while pending:
            _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for one in self.runners:
                if one.task.done() and one.task.exception() is None:
                    self.winner = one
                    return one.task.result()
        return self.runners[0].task.result()

    async def end(self, why: str | None = None) -> None:
        """Stop all but the winner, and wait until they have stopped: what they used is booked then."""
        others = [one.task for one in self.runners if one is not self.winner]
        for task in others:
            task.cancel(why)
        for result in await asyncio.gather(*others, return_exceptions=True):
            if not isinstance(result, BaseException):
                await self.undo(result)

    def past(self) -> tuple[Attempt, ...]:
        """The record of those that did not win."""
        return tuple(attempt for one in self.runners if one is not self.winner for attempt in one.attempts())
