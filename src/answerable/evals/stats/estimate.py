"""An estimate: a number with its interval, the number of items behind it and the method's name."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Estimate", "Interval"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Where the truth is, at this confidence (0.95: in 95 of 100 such samples), in the estimate's unit."""

    low: float
    high: float
    confidence: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    @property
    def width(self) -> float:
        """high − low."""
        return self.high - self.low


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number that never travels alone. `n` is the number of items (labels, pairs, cases) that it rests on."""

    value: float
    interval: Interval
    n: int
    method: str
