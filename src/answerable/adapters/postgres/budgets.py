"""Budgets in Postgres: one function call holds money in all of them, or in none, whoever else is asking."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements
from answerable.core.errors import BudgetExceeded
from answerable.core.identity import random_id
from answerable.core.ports import Limit, Reservation, Standing

_SQL = statements("budgets")
LEASE_S = 900.0  # longer than any call; what is held longer counts as spent. docs/decisions/0166-*.md


class PostgresBudgets:
    """The Budgets port. Raises DatabaseUnreachable."""

    def __init__(self, database: Database, *, lease_s: float = LEASE_S) -> None:
        self._database = database
        self._lease_s = lease_s

    async def reserve(self, *, tenant: str, amount: Decimal, limits: Sequence[Limit]) -> Reservation:
        """Hold the amount against every limit, or none. Raises BudgetExceeded naming the one that is full."""
        hold = random_id("bh")
        values = {
            **_keys(tenant, limits),
            "id": hold,
            "amount": amount,
            "amounts": [limit.amount for limit in limits],
            "softs": [limit.soft for limit in limits],
            "seconds": self._lease_s,
        }
        async with self._database.tenant(tenant) as conn:
            row = await (await conn.execute(_SQL["hold_budget"], values, prepare=True)).fetchone()
        assert row is not None  # noqa: S101 - the function always gives a row
        if row["refused"] is not None:
            raise exceeded(limits, amount, scope=row["refused"], spent=row["spent"], held=row["held"])
        return Reservation(id=hold, tenant=tenant, amount=amount, warned=tuple(row["crossed"]))

    async def settle(self, reservation: Reservation, *, cost: Decimal) -> None:
        """Write what it cost, in the periods it was held in, and free the rest. A second time does nothing."""
        values = {"tenant": reservation.tenant, "id": reservation.id, "cost": cost}
        async with self._database.tenant(reservation.tenant) as conn:
            await conn.execute(_SQL["settle_lazily"], prepare=True)
            await conn.execute(_SQL["settle_budget"], values, prepare=True)

    async def standings(self, *, tenant: str, limits: Sequence[Limit]) -> list[Standing]:
        """How it stands with each limit, in their order."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await (await conn.execute(_SQL["find_standings"], _keys(tenant, limits))).fetchall()
        return [
            Standing(limit=limit, spent=row["spent"] + row["lapsed"], held=row["held"] - row["lapsed"])
            for limit, row in zip(limits, rows, strict=True)
        ]


def exceeded(
    limits: Sequence[Limit], amount: Decimal, *, scope: str, spent: Decimal, held: Decimal
) -> BudgetExceeded:
    """The error for the limit that is full."""
    limit = next(one for one in limits if one.scope == scope)
    return BudgetExceeded(
        f"the {scope} budget of {limit.name} is full: {spent:f} of {limit.amount:f} spent, {held:f} held, "
        f"and the call may cost {amount:f}",
        hint=f"raise budget.{scope}, or wait for the next period: `answerable cost show`",
        scope=scope,
    )


def _keys(tenant: str, limits: Sequence[Limit]) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "scopes": [limit.scope for limit in limits],
        "names": [limit.name for limit in limits],
        "periods": [limit.period for limit in limits],
    }
