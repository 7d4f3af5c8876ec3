"""What is spent, as figures: of each budget of the project's own tenant and of those it names, and by the book."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time

from answerable.app.paying import Money
from answerable.config import Settings
from answerable.core.figures import Sample
from answerable.core.ports import Calls


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


async def spent_today(calls: Calls, settings: Settings) -> Sequence[Sample]:
    """By the book of calls: what all processes spent since midnight (UTC), and on how many calls nobody knows.

    Raises DatabaseUnreachable.
    """
    now = datetime.now(UTC)
    since = datetime.combine(now.date(), time.min, UTC)
    rows = await calls.totals(tenant=settings.project.tenant, since=since, until=now, by=("day",))
    cost, unpriced = sum(float(one["cost"]) for one in rows), sum(int(one["unpriced"]) for one in rows)
    return (
        Sample(name="cost", labels=(settings.budget.currency,), value=cost),
        Sample(name="unpriced", labels=(), value=float(unpriced)),
    )
