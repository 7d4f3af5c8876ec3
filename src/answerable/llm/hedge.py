"""A second request when the first is slower than usual; whichever has text first is the reply."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import DeadlineExceeded, ModelError, NotAsked, PermanentModelError, TransientModelError
from answerable.core.prompt import Rendered
from answerable.llm.attempts import opened
from answerable.llm.balance import Balanced
from answerable.llm.breaker import Breaker
from answerable.llm.budget import RetryBudget
from answerable.llm.race import Race
from answerable.llm.recent import Recent

LEAST = 50  # measurements, before a p95 means something
MOST_ERRORS = 0.1  # docs/decisions/0151-*.md
_JUDGED = 50  # the last requests, by which errors are judged

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hedged:
    """Dean and Barroso 2013, "The Tail at Scale": waits for the p95 of the route's own times, then asks another
    endpoint too, or the same one where there is no other. Streams are raced to their first text, replies to their
    end. The loser is cancelled at once.

    A second request takes from the route's budget like a retry. None is made before `least` measurements, nor
    while more than `most_errors` of the last calls failed: a provider in trouble is not asked twice.
    """

    balanced: Balanced
    budget: RetryBudget
    least: int = LEAST
    most_errors: float = MOST_ERRORS
    clock: Callable[[], float] = time.perf_counter
    first_text_s: Recent = field(default_factory=Recent)
    whole_s: Recent = field(default_factory=Recent)
    errors: deque[int] = field(default_factory=lambda: deque(maxlen=_JUDGED))  # 1 for each request that failed

    @property
    def name(self) -> str:
        """The provider's name."""
        return self.balanced.name

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """The first whole reply. Raises the first request's error when both fail."""

        async def begin(endpoint: Breaker) -> Completion:
            return await endpoint.complete(rendered, deadline=deadline)

        first, after_s, since = self.balanced.choose(rendered), self._after_s(self.whole_s), self.clock()
        try:
            if after_s is None:
                completion = await first.complete(rendered, deadline=deadline)
            else:
                race: Race[Completion] = Race(begin=begin, undo=_nothing, since=since)
                completion = _told(await self._raced(race, first, rendered, after_s), race)
        except (ModelError, DeadlineExceeded) as error:
            self._failed(error)
            raise
        self.whole_s.add(self.clock() - since)
        self.errors.append(0)
        return completion

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncGenerator[str | Completion, None]:
        """The pieces of the first stream that has text. Raises as `complete` does, and when that stream breaks."""

        async def begin(endpoint: Breaker) -> _Begun:
            pieces = endpoint.stream(rendered, deadline=deadline)
            return _Begun(pieces=pieces, first=await anext(pieces, None))

        first, after_s, since = self.balanced.choose(rendered), self._after_s(self.first_text_s), self.clock()
        race: Race[_Begun] | None = None
        try:
            if after_s is None:
                begun = _Begun(pieces=first.stream(rendered, deadline=deadline))
            else:
                race = Race(begin=begin, undo=_closed, since=since)
                begun = await self._raced(race, first, rendered, after_s)
            async with opened(begun.pieces) as pieces:
                piece = begun.first or await anext(pieces, None)
                self.first_text_s.add(self.clock() - since)
                while piece is not None:
                    yield _told(piece, race) if isinstance(piece, Completion) else piece
                    piece = await anext(pieces, None)
        except (ModelError, DeadlineExceeded) as error:
            self._failed(error)
            raise
        self.errors.append(0)

    async def _raced(self, race: Race[T], first: Breaker, rendered: Rendered, after_s: float) -> T:
        race.enter(first)
        why: str | None = None
        try:
            if not await race.ended_within(after_s) and (second := self._second(first, rendered)):
                race.enter(second)
            result = await race.won()
            self.budget.hedges_won += race.winner is not race.runners[0]
            return result
        except asyncio.CancelledError as error:
            why = error.args[0] if error.args else None  # a time limit's cancellation says so to those behind
            raise
        except ModelError as error:
            error.attempts = race.past()
            raise
        finally:
            await race.end(why)

    def _second(self, first: Breaker, rendered: Rendered) -> Breaker | None:
        """The endpoint for a second request, paid for; None for none."""
        try:
            second = self.balanced.choose(rendered, apart_from=(first.id,))
        except (NotAsked, PermanentModelError):
            second = first
        return second if second.circuit.state == "closed" and self.budget.hedge() else None

    def _after_s(self, times: Recent) -> float | None:
        """Seconds to wait for the first request; None for any time."""
        after_s = times.value(least=self.least)
        troubled = sum(self.errors) > self.most_errors * len(self.errors)
        return None if after_s is None or troubled else after_s

    def _failed(self, error: ModelError | DeadlineExceeded) -> None:
        if isinstance(error, (TransientModelError, DeadlineExceeded)) and not isinstance(error, NotAsked):
            self.errors.append(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """A stream, and its first piece where that was waited for."""

    pieces: AsyncIterator[str | Completion]
    first: str | Completion | None = None


async def _closed(begun: _Begun) -> None:
    async with opened(begun.pieces):
        return


async def _nothing(completion: Completion) -> None:
    return


def _told(completion: Completion, race: Race[T] | None) -> Completion:
    """The completion with the record of the other request, where there was one."""
    if race is None or len(race.runners) == 1 or race.winner is None:
        return completion
    return replace(completion, attempts=(*race.past(), *race.winner.watch.done(completion)))
