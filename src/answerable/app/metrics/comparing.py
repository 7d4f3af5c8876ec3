"""What became of a metric: the difference of two spans with its interval, and an arrow only where that is sure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from answerable.monitor.measured import Measured, MeasuredRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """now - before, in the number's unit (shares: 0.02 is two points), with 95 %."""

    name: str
    before: float
    now: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """now - before."""
        return self.now - self.before

    @property
    def direction(self) -> int:
        """1 up, -1 down; 0 where the interval holds zero."""
        return (self.low > 0) - (self.high < 0)

    @property
    def arrow(self) -> str:
        """For people; empty where nothing is sure."""
        return {1: "↑", -1: "↓", 0: ""}[self.direction]


def change(before: Measured | None, now: Measured | None) -> Change | None:
    """None where one of them has no interval, or is of too few for a percentage.

    The interval is made of the two (MOVER, Zou and Donner 2008, Stat. Med. 27:1693): of shares with Wilson's it is
    Newcombe's (1998, Stat. Med. 17:873, method 10).
    """
    if before is None or now is None or before.few or now.few:
        return None
    if before.value is None or now.value is None:
        return None
    ends = (before.low, before.high, now.low, now.high)
    if any(one is None for one in ends):
        return None
    b_low, b_high, n_low, n_high = (float(one) for one in ends if one is not None)
    difference = now.value - before.value
    return Change(
        name=now.name,
        before=before.value,
        now=now.value,
        low=difference - math.hypot(now.value - n_low, b_high - before.value),
        high=difference + math.hypot(n_high - now.value, before.value - b_low),
    )


def changes(before: MeasuredRow | None, now: MeasuredRow | None) -> Mapping[str, Change]:
    """By number, of those that can be told."""
    if before is None or now is None:
        return {}
    found = (change(before.number(one.name), one) for one in now.numbers)
    return {one.name: one for one in found if one is not None}
