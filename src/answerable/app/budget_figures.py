"""How much of each budget is spent, as figures: of the project's own tenant, and of those it names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from answerable.app.paying import Money
from answerable.config import Settings
from answerable.core.figures import Sample


async def budget_samples(money: Money, settings: Settings) -> Sequence[Sample]:
    """Of today and this month; nothing where no budget is set. Raises DatabaseUnreachable."""
    found: list[Sample] = []
    amounts, today = money.purse.amounts, datetime.now(UTC).date()
    for tenant in dict.fromkeys((settings.project.tenant, *settings.budget.tenants)):
        limits = amounts.limits(tenant=tenant, key="", day=today)
        if not limits:
            continue
        for one in await money.budgets.standings(tenant=tenant, limits=limits):
            labels = (one.limit.scope, tenant, amounts.currency)
            found += [
                Sample(name="answerable_budget_spent", labels=labels, value=float(one.spent)),
                Sample(name="answerable_budget_held", labels=labels, value=float(one.held)),
                Sample(name="answerable_budget_limit", labels=labels, value=float(one.limit.amount)),
            ]
    return found
