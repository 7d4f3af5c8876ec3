"""How late the event loop is: the first thing to grow when a process has more to do than its processor can."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from answerable.core.beside import beside

EVERY_S = 0.25
KEPT = 240  # a minute of them


@dataclass(slots=True, kw_only=True)
class LoopLag:
    """Asks to be woken every quarter of a second, and notes how much later it is. Seconds."""

    _late: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))

    @property
    def worst_s(self) -> float:
        """The worst of the last minute; 0 before there is any."""
        return max(self._late, default=0.0)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """While the block runs."""
        async with beside(self._watch(), name="loop lag"):
            yield

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + EVERY_S
            await asyncio.sleep(EVERY_S)
            self._late.append(max(0.0, loop.time() - due))
