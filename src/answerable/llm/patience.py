"""How long a question waits for something it can do without, and how long that is left alone when it failed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from answerable.core.degraded import NO_CACHE
from answerable.core.errors import AnswerableError
from answerable.core.seam import seam
from answerable.core.trace import skip

T = TypeVar("T")
WAIT_S = 0.1  # docs/decisions/0163-*.md
REST_S = 5.0
KEEP_S = 0.25  # of a write, after the last sentence was shown


@dataclass(slots=True, kw_only=True)
class Patience:
    """At most `wait_s` for each; after a failure nothing is asked for `rest_s`: only one question pays it."""

    wait_s: float = WAIT_S
    rest_s: float = REST_S
    clock: Callable[[], float] = time.monotonic  # seconds
    closed_until: float = float("-inf")

    async def within(self, work: Coroutine[Any, Any, T], *, tell: bool = True) -> T | None:
        """What it gives; None when it fails or takes too long, and a skip in the trace if it is to `tell`."""
        if self.clock() < self.closed_until:
            work.close()
            return self._without(tell)
        try:
            async with asyncio.timeout(self.wait_s):
                with seam("cache"):
                    return await work
        except (AnswerableError, TimeoutError):
            self.closed_until = self.clock() + self.rest_s
            return self._without(tell)

    @staticmethod
    def _without(tell: bool) -> None:
        if tell:
            skip(NO_CACHE)
