"""How loaded an endpoint is: calls under way, and how long it takes lately."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

_SHARE = 0.3  # of a new time in the mean
_FORGOTTEN_S = 10.0  # after so long without a call a time counts for a third
_FRESH_S = 1.0


@dataclass(slots=True, kw_only=True)
class Load:
    """A peak-sensitive moving mean (Finagle's "peak EWMA"): it takes a slower time at once, a faster one slowly,
    and forgets, so that an endpoint that was slow is tried again.
    """

    clock: Callable[[], float] = time.monotonic
    under_way: int = 0
    _mean_s: float = 0.0
    _at: float = 0.0
    _failed_at: float = -math.inf

    def took(self, seconds: float) -> None:
        """The time to the first text, or of a whole reply."""
        now = self.clock()
        before = self._mean_s * math.exp((self._at - now) / _FORGOTTEN_S)
        self._mean_s = seconds if seconds > before else before + _SHARE * (seconds - before)
        self._at = now

    def failed(self) -> None:
        """A call failed: for a moment another endpoint is the better one."""
        self._failed_at = self.clock()

    @property
    def failed_lately(self) -> bool:
        """Whether that was a moment ago."""
        return self.clock() - self._failed_at < _FRESH_S

    @property
    def cost(self) -> float:
        """What one more call would wait for; comparable between endpoints only."""
        mean_s = self._mean_s * math.exp((self._at - self.clock()) / _FORGOTTEN_S)
        return (mean_s + 1e-6) * (self.under_way + 1)
