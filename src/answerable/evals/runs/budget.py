"""The money of one run: nothing is asked that might exceed it."""

from __future__ import annotations

from decimal import Decimal

NOTHING = Decimal(0)


class Budget:
    """What was spent, and whether another case may be asked.

    What a case will cost is not known before. The dearest one so far stands for each that is under way, and for
    the next. Without prices nothing can be held back.
    """

    def __init__(self, limit: Decimal | None, *, spent: Decimal = NOTHING) -> None:
        self.limit = limit
        self.spent = spent
        self.unpriced = 0  # rows whose cost is not known
        self._dearest = NOTHING
        self._under_way = 0

    def admits(self) -> bool:
        """Whether the next case fits, and if so counts it as under way."""
        if self.limit is not None and self.spent + self._dearest * (self._under_way + 1) > self.limit:
            return False
        self._under_way += 1
        return True

    def settle(self, cost: Decimal | None) -> None:
        """A case that was under way is done; None: it has no price, or it broke."""
        self._under_way -= 1
        if cost is None:
            self.unpriced += 1
            return
        self.spent += cost
        self._dearest = max(self._dearest, cost)
