"""Budgets in memory: what users test spending with."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from answerable.core.errors import BudgetExceeded
from answerable.core.identity import random_id
from answerable.core.ports import Limit, Reservation, Standing

_Key = tuple[str, str, str, date]


@dataclass(slots=True)
class _Period:
    spent: Decimal = Decimal(0)
    held: Decimal = Decimal(0)
    warned: bool = False


@dataclass(slots=True, kw_only=True)
class MemoryBudgets:
    """The Budgets port, of one process and until it ends."""

    lease_s: float = 900.0
    clock: Callable[[], float] = time.monotonic
    _periods: dict[_Key, _Period] = field(default_factory=dict)
    _holds: dict[str, tuple[Decimal, tuple[_Key, ...], float]] = field(default_factory=dict)

    async def reserve(self, *, tenant: str, amount: Decimal, limits: Sequence[Limit]) -> Reservation:
        """Hold the amount against every limit, or none. Raises BudgetExceeded naming the one that is full."""
        periods = [self._periods.setdefault(_key(tenant, limit), _Period()) for limit in limits]
        for limit, period in zip(limits, periods, strict=True):
            if period.spent + period.held + amount > limit.amount:
                raise BudgetExceeded(
                    f"the {limit.scope} budget of {limit.name} is full: {period.spent:f} of {limit.amount:f}",
                    hint=f"raise budget.{limit.scope}, or wait for the next period",
                    scope=limit.scope,
                )
        warned = []
        for limit, period in zip(limits, periods, strict=True):
            period.held += amount
            if not period.warned and limit.soft is not None and period.spent + period.held >= limit.soft:
                period.warned = True
                warned.append(limit.scope)
        reservation = Reservation(id=random_id("bh"), tenant=tenant, amount=amount, warned=tuple(sorted(warned)))
        keys = tuple(_key(tenant, limit) for limit in limits)
        self._holds[reservation.id] = (amount, keys, self.clock() + self.lease_s)
        return reservation

    async def settle(self, reservation: Reservation, *, cost: Decimal) -> None:
        """Write what it cost, in the periods it was held in, and free the rest. A second time does nothing."""
        amount, keys, _ = self._holds.pop(reservation.id, (Decimal(0), (), 0.0))
        for key in keys:
            self._periods[key].held -= amount
            self._periods[key].spent += cost

    async def standings(self, *, tenant: str, limits: Sequence[Limit]) -> list[Standing]:
        """How it stands with each limit, in their order."""
        return [self._standing(_key(tenant, limit), limit) for limit in limits]

    def _standing(self, key: _Key, limit: Limit) -> Standing:
        period = self._periods.get(key, _Period())
        now = self.clock()
        lapsed = sum((amount for amount, keys, until in self._holds.values() if key in keys and until <= now),
                     Decimal(0))  # fmt: skip
        return Standing(limit=limit, spent=period.spent + lapsed, held=period.held - lapsed)


def _key(tenant: str, limit: Limit) -> _Key:
    return (tenant, limit.scope, limit.name, limit.period)
