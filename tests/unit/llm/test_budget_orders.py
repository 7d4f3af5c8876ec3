"""Whatever is held, settled and lost in whichever order: no budget is ever overdrawn by what was granted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from answerable.adapters.fakes.budgets import MemoryBudgets
from answerable.core.errors import BudgetExceeded
from answerable.core.ports import Limit

DAY, MONTH = date(2026, 11, 22), date(2026, 11, 1)
CENTS = st.integers(min_value=0, max_value=40).map(lambda n: Decimal(n) / 100)
LIMITS = (
    Limit(scope="daily", name="acme", period=DAY, amount=Decimal(1)),
    Limit(scope="key", name="tk", period=DAY, amount=Decimal("0.50")),
    Limit(scope="monthly", name="acme", period=MONTH, amount=Decimal("1.50")),
)


def done(work):
    """The result of a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as ended:
        return ended.value
    raise AssertionError("it waited")


class Interleavings(RuleBasedStateMachine):
    held = Bundle("held")

    @initialize()
    def start(self):
        self.now = 0.0
        self.budgets = MemoryBudgets(lease_s=10.0, clock=lambda: self.now)
        self.spent = {limit.scope: Decimal(0) for limit in LIMITS}
        self.open = {}

    @rule(target=held, amount=CENTS, which=st.sets(st.integers(0, 2), min_size=1))
    def hold(self, amount, which):
        limits = [LIMITS[i] for i in which]
        try:
            reservation = done(self.budgets.reserve(tenant="acme", amount=amount, limits=limits))
        except BudgetExceeded as error:
            limit = next(one for one in limits if one.scope == error.scope)
            assert self.taken(limit.scope) + amount > limit.amount
            return None
        self.open[reservation.id] = (amount, [one.scope for one in limits])
        return reservation

    @rule(reservation=consumes(held), share=st.integers(0, 100), twice=st.booleans())
    def settle(self, reservation, share, twice):
        if reservation is None:
            return
        amount, scopes = self.open.pop(reservation.id)
        cost = amount * share / 100
        for _ in range(2 if twice else 1):
            done(self.budgets.settle(reservation, cost=cost))
        for scope in scopes:
            self.spent[scope] += cost

    @rule(seconds=st.sampled_from([1.0, 11.0]))
    def wait(self, seconds):
        self.now += seconds

    def taken(self, scope):
        return self.spent[scope] + sum(amount for amount, scopes in self.open.values() if scope in scopes)

    @invariant()
    def nothing_is_overdrawn_and_every_cent_is_somewhere(self):
        for one in done(self.budgets.standings(tenant="acme", limits=LIMITS)):
            assert one.spent + one.held == self.taken(one.limit.scope) <= one.limit.amount
            assert one.held >= 0


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(max_examples=25, stateful_step_count=25)
