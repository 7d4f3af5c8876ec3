"""How many questions may be under way just now: as many as this machine answers in time."""

from __future__ import annotations

from dataclasses import dataclass

FIRST = 32  # before anything is known; about 2 s of one core
LEAST = 8
TARGET = 0.3  # of the deadline, for an answer without its model: a quarter may be waited, and a model takes some
CUT = 0.85


@dataclass(slots=True, kw_only=True)
class Allowance:
    """Additive increase, multiplicative decrease (Chiu and Jain 1989) on what answers take without their model.

    That time grows when processor or database are short, and does not when a provider is slow: a slow provider is
    no reason to ask it less. It rises by one for each answer in time while every place is taken, up to the first
    cut; then by one for as many answers as there are places. It is cut once for all that is under way.
    """

    most: int
    adaptive: bool = True
    target_s: float
    _limit: float = 0.0
    _cut_at: float = float("-inf")
    _probing: bool = True

    def __post_init__(self) -> None:
        self._limit = float(min(self.most, FIRST) if self.adaptive else self.most)

    @property
    def now(self) -> int:
        """Places."""
        return int(self._limit)

    def learn(self, own_s: float, *, full: bool, begun: float, now: float) -> None:
        """An answer is done that took `own_s` without its model; `full`: every place was taken.

        One that was begun before the last cut says nothing of the limit since.
        """
        if not self.adaptive:
            return
        if own_s > self.target_s:
            self._probing = False
            if begun > self._cut_at:
                self._limit = max(float(min(LEAST, self.most)), CUT * self._limit)
                self._cut_at = now
        elif full:
            self._limit = min(float(self.most), self._limit + (1.0 if self._probing else 1.0 / self._limit))
