"""Tells that questions are turned away: at once, and then at most once a minute how many they were."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from answerable.core.ports import Happening

EVERY_S = 60.0


@dataclass(slots=True, kw_only=True)
class Shedding:
    """`told` is given a `load.shed` with the refusals since the one before; it must not wait."""

    told: Callable[[Happening], None]
    clock: Callable[[], float] = time.monotonic
    _refused: int = 0
    _told_at: float | None = None

    def refused(self, reason: str) -> None:
        """One more question was turned away; `reason` is busy or own_share."""
        now = self.clock()
        self._refused += 1
        seconds = 0.0 if self._told_at is None else now - self._told_at
        if self._told_at is not None and seconds < EVERY_S:
            return
        props = {"refused": self._refused, "seconds": round(seconds, 1), "reason": reason}
        self._refused, self._told_at = 0, now
        self.told(Happening(name="load.shed", props=props))
