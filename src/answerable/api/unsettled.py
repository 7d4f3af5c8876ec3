"""What questions leave behind until it is written: corrections of their charges, and what they showed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from answerable.core.toll import Charge, Meter, Settlement, View

MOST = 5_000  # of each kind; while the database is away no more are kept


@dataclass(slots=True, kw_only=True)
class Unsettled:
    """By tenant. Each meter and each window stands there once, however many questions touched it."""

    _debts: dict[str, dict[Meter, float]] = field(default_factory=dict)
    _views: dict[str, dict[tuple[str, int], View]] = field(default_factory=dict)

    def add(self, tenant: str, *, debts: Sequence[Charge] = (), views: Sequence[View] = ()) -> None:
        """Keep it for the next journey."""
        owed = self._debts.setdefault(tenant, {})
        for debt in debts:
            if debt.meter in owed or len(owed) < MOST:
                owed[debt.meter] = owed.get(debt.meter, 0.0) + debt.amount
        seen = self._views.setdefault(tenant, {})
        for view in views:
            key = (view.name, view.period_s)
            if key in seen or len(seen) < MOST:
                seen[key] = _with(seen[key], view) if key in seen else view

    def take(self, tenant: str) -> Settlement:
        """All of a tenant's; it is no longer here. Who cannot write it adds it again."""
        debts = [Charge(meter=meter, amount=owed) for meter, owed in self._debts.pop(tenant, {}).items() if owed]
        return Settlement(debts=tuple(debts), views=tuple(self._views.pop(tenant, {}).values()))

    def tenants(self) -> tuple[str, ...]:
        """Of whom there is something."""
        return tuple({**self._debts, **self._views})


def _with(one: View, other: View) -> View:
    return replace(
        one,
        asked=one.asked + other.asked,
        shapes=tuple(dict.fromkeys((*one.shapes, *other.shapes))),
        passages=tuple(dict.fromkeys((*one.passages, *other.passages))),
    )
