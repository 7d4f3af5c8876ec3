"""Two behaviors by share, and behaviors one after the other by time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from answerable.testing.model_server.behaviors.behavior import Behavior
from answerable.testing.model_server.behaviors.cite import Cite
from answerable.testing.model_server.exchange import Exchange


@dataclass(slots=True)
class Mixed:
    """`behavior` for about `share` of the requests, else `rest`; the same sequence for the same `seed`."""

    share: float
    behavior: Behavior
    rest: Behavior = field(default_factory=Cite)
    seed: int = 0
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not 0.0 <= self.share <= 1.0:
            raise ValueError("share must lie in [0, 1]")
        self._random = random.Random(self.seed)

    async def perform(self, exchange: Exchange) -> None:
        """One or the other."""
        await _as(self.behavior if self._random.random() < self.share else self.rest, exchange)


@dataclass(slots=True)
class Schedule:
    """Each phase for so many seconds, from when this was made on; then the last one for ever, or all over again.

    Example: `Schedule(((60, Status(503)), (60, Hang()), (60, Garbage()), (0, Cite())))`.
    """

    phases: tuple[tuple[float, Behavior], ...]
    repeat: bool = False
    clock: Callable[[], float] = time.monotonic
    _since: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.phases or any(seconds < 0 for seconds, _ in self.phases):
            raise ValueError("a schedule needs phases of no less than 0 seconds")
        self._since = self.clock()

    def now(self) -> Behavior:
        """The behavior of this moment."""
        passed, length = self.clock() - self._since, sum(seconds for seconds, _ in self.phases)
        if self.repeat and length > 0:
            passed %= length
        for seconds, behavior in self.phases:
            if passed < seconds:
                return behavior
            passed -= seconds
        return self.phases[-1][1]

    async def perform(self, exchange: Exchange) -> None:
        """As it is time for."""
        await _as(self.now(), exchange)


async def _as(behavior: Behavior, exchange: Exchange) -> None:
    exchange.recorded.behavior = type(behavior).__name__
    await behavior.perform(exchange)
