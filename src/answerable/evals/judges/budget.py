"""What judging may cost: money is set aside before a call, so that calls at once cannot overspend together."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(slots=True, kw_only=True)
class Budget:
    """Shared by a run's judges. `cap` is in the price table's currency; `unpriced` counts calls it cannot see."""

    cap: Decimal
    spent: Decimal = Decimal(0)
    held: Decimal = Decimal(0)
    unpriced: int = 0

    def hold(self, most: Decimal | None) -> bool:
        """Set aside what a call may cost at the most; False where that is more than is left. None: no price."""
        if most is None:
            return True
        if self.spent + self.held + most > self.cap:
            return False
        self.held += most
        return True

    def settle(self, most: Decimal | None, cost: Decimal | None) -> None:
        """Book what a call did cost in the place of what was held. A call that failed may have cost nothing."""
        if most is not None:
            self.held -= most
        if cost is not None:
            self.spent += cost
        elif most is None:
            self.unpriced += 1
