"""Samples that take a query to have: a scrape gets the last ones at once, and new ones are fetched behind it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from answerable.core.errors import AnswerableError
from answerable.core.figures import Sample

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Refreshed:
    """`samples` never waits. What is older than `age_s` seconds is read anew, by one task at a time."""

    read: Callable[[], Awaitable[Sequence[Sample]]]
    age_s: float = 60.0
    clock: Callable[[], float] = time.monotonic
    _last: Sequence[Sample] = ()
    _at: float | None = None
    _task: asyncio.Task[None] | None = field(default=None, repr=False)

    def samples(self) -> Sequence[Sample]:
        """The last that were read; none before the first reading is done."""
        stale = self._at is None or self.clock() - self._at > self.age_s
        if stale and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._refresh(), name="figures")
        return self._last

    async def close(self) -> None:
        """Stop reading."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _refresh(self) -> None:
        self._at = self.clock()
        try:
            self._last = tuple(await self.read())
        except AnswerableError as error:
            self._last = ()  # an old figure that looks new is worse than none
            log.warning("figures could not be read: %s", error)
