"""What takes a query to have: the last that was read, had at once, and read anew behind whoever asks."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from answerable.core.errors import AnswerableError
from answerable.core.figures import Sample

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class LastRead(Generic[T]):
    """`now` never waits. What is older than `age_s` seconds is read anew, by one task at a time.

    `nothing` is what there is before the first reading; `keeps`: also after one that failed what was known stays.
    """

    read: Callable[[], Awaitable[T]]
    name: str  # of what is read: the task's, and the log's
    nothing: T
    keeps: bool = False
    age_s: float = 60.0
    clock: Callable[[], float] = time.monotonic
    _last: T | None = field(default=None, repr=False)
    _at: float | None = None
    _task: asyncio.Task[None] | None = field(default=None, repr=False)

    def now(self) -> T:
        """The last that was read."""
        stale = self._at is None or self.clock() - self._at > self.age_s
        if stale and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._refresh(), name=self.name)
        return self.nothing if self._last is None else self._last

    async def close(self) -> None:
        """Stop reading."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _refresh(self) -> None:
        self._at = self.clock()
        try:
            self._last = await self.read()
        except AnswerableError as error:
            if not self.keeps:
                self._last = None
            log.warning("%s could not be read: %s", self.name, error)


@dataclass(slots=True, kw_only=True)
class Refreshed(LastRead[Sequence[Sample]]):
    """Samples of a scrape. None where they cannot be read: an old figure that looks new is worse than none."""

    name: str = "figures"
    nothing: Sequence[Sample] = ()

    def samples(self) -> Sequence[Sample]:
        """The last that were read; none before the first reading is done."""
        return self.now()
