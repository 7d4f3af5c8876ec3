"""What every Budgets promises. Subclass BudgetsContract in your tests and override the fixtures."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from answerable.core.errors import BudgetExceeded
from answerable.core.ports import Budgets, Limit, Reservation

DAY, MONTH = date(2026, 11, 22), date(2026, 11, 1)
ONE = Decimal("0.010000")


def a_limit(scope: str = "daily", *, amount: str = "0.10", name: str = "acme", soft: str | None = None) -> Limit:
    """A limit of the day, or of the month where it is monthly."""
    return Limit(
        scope=scope,
        name=name,
        period=MONTH if scope == "monthly" else DAY,
        amount=Decimal(amount),
        soft=None if soft is None else Decimal(soft),
    )


async def tried(budgets: Budgets, limits: Sequence[Limit], *, amount: Decimal = ONE) -> Reservation | None:
    """A reservation of tenant acme, None where there was no money for it."""
    try:
        return await budgets.reserve(tenant="acme", amount=amount, limits=limits)
    except BudgetExceeded:
        return None


class BudgetsContract:
    """Never more is spent or held than there is, whoever asks at once."""

    @pytest.fixture
    def budgets(self) -> Budgets:
        """Empty budgets, whose leases do not end during a test."""
        raise NotImplementedError

    @pytest.fixture
    def brief(self) -> Budgets:
        """Empty budgets, whose leases end at once."""
        raise NotImplementedError

    async def test_of_200_calls_at_once_on_a_budget_for_10_exactly_10_run(self, budgets: Budgets) -> None:
        limits = [a_limit(), a_limit("monthly", amount="1")]
        # Half name the limits the other way round: nobody waits for anybody for ever.
        asked = [tried(budgets, limits if n % 2 else limits[::-1]) for n in range(200)]
        granted = [one for one in await asyncio.gather(*asked) if one is not None]
        assert len(granted) == 10
        await asyncio.gather(*(budgets.settle(one, cost=ONE) for one in granted))
        daily, monthly = await budgets.standings(tenant="acme", limits=limits)
        assert (daily.spent, daily.held, monthly.spent) == (Decimal("0.10"), Decimal(0), Decimal("0.10"))

    async def test_a_full_budget_is_named_and_the_others_hold_nothing(self, budgets: Budgets) -> None:
        limits = [a_limit("monthly", amount="5"), a_limit(amount="0.015"), a_limit("key", amount="9", name="tk_1")]
        await budgets.reserve(tenant="acme", amount=ONE, limits=limits)
        with pytest.raises(BudgetExceeded, match="daily") as caught:
            await budgets.reserve(tenant="acme", amount=ONE, limits=limits)
        assert (caught.value.scope, caught.value.exit_code) == ("daily", 14)
        assert [one.held for one in await budgets.standings(tenant="acme", limits=limits)] == [ONE] * 3

    async def test_settling_frees_what_was_held_and_writes_what_it_cost(self, budgets: Budgets) -> None:
        limit = a_limit(amount="0.010000")
        held = await budgets.reserve(tenant="acme", amount=ONE, limits=[limit])
        assert await tried(budgets, [limit], amount=Decimal("0.000001")) is None
        await budgets.settle(held, cost=Decimal("0.004"))
        (standing,) = await budgets.standings(tenant="acme", limits=[limit])
        assert (standing.spent, standing.held) == (Decimal("0.004"), Decimal(0))
        assert await tried(budgets, [limit], amount=Decimal("0.006")) is not None

    async def test_settling_twice_is_settling_once(self, budgets: Budgets) -> None:
        held = await budgets.reserve(tenant="acme", amount=ONE, limits=[a_limit()])
        await asyncio.gather(*(budgets.settle(held, cost=ONE) for _ in range(3)))
        (standing,) = await budgets.standings(tenant="acme", limits=[a_limit()])
        assert (standing.spent, standing.held) == (ONE, Decimal(0))

    async def test_what_is_held_too_long_counts_as_spent_and_a_late_settlement_still_counts(
        self, brief: Budgets
    ) -> None:
        limit = a_limit(amount="0.015")
        held = await brief.reserve(tenant="acme", amount=ONE, limits=[limit])
        (lost,) = await brief.standings(tenant="acme", limits=[limit])
        assert (lost.spent, lost.held) == (ONE, Decimal(0))
        assert await tried(brief, [limit]) is None
        await brief.settle(held, cost=Decimal("0.002"))
        (late,) = await brief.standings(tenant="acme", limits=[limit])
        assert (late.spent, late.held) == (Decimal("0.002"), Decimal(0))

    async def test_what_was_held_before_midnight_is_settled_in_its_own_day(self, budgets: Budgets) -> None:
        today = a_limit()
        tomorrow = Limit(scope="daily", name="acme", period=date(2026, 11, 23), amount=Decimal("0.10"))
        held = await budgets.reserve(tenant="acme", amount=ONE, limits=[today])
        await budgets.reserve(tenant="acme", amount=ONE, limits=[tomorrow])
        await budgets.settle(held, cost=ONE)
        old, new = await budgets.standings(tenant="acme", limits=[today, tomorrow])
        assert (old.spent, old.held, new.spent, new.held) == (ONE, Decimal(0), Decimal(0), ONE)

    async def test_the_soft_limit_warns_once_a_period(self, budgets: Budgets) -> None:
        limits = [a_limit(soft="0.02"), a_limit("monthly", amount="5", soft="0.03")]
        warned = []
        for _ in range(4):
            held = await budgets.reserve(tenant="acme", amount=ONE, limits=limits)
            await budgets.settle(held, cost=ONE)
            warned.append(held.warned)
        assert warned == [(), ("daily",), ("monthly",), ()]

    async def test_a_tenant_spends_its_own(self, budgets: Budgets) -> None:
        limit = a_limit(amount="0.010000", name="tk_1", scope="key")
        await budgets.reserve(tenant="acme", amount=ONE, limits=[limit])
        other = await budgets.reserve(tenant="other", amount=ONE, limits=[limit])
        await budgets.settle(other, cost=ONE)
        (ours,) = await budgets.standings(tenant="acme", limits=[limit])
        (theirs,) = await budgets.standings(tenant="other", limits=[limit])
        assert (ours.spent, ours.held, theirs.spent, theirs.held) == (Decimal(0), ONE, ONE, Decimal(0))

    async def test_a_cost_above_what_was_held_is_written_all_the_same(self, budgets: Budgets) -> None:
        held = await budgets.reserve(tenant="acme", amount=ONE, limits=[a_limit()])
        await budgets.settle(held, cost=Decimal("0.2"))
        (standing,) = await budgets.standings(tenant="acme", limits=[a_limit()])
        assert standing.spent == Decimal("0.2")
        assert await tried(budgets, [a_limit()], amount=Decimal(0)) is None
