"""Money is held before a call and settled after it, however it ends."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from answerable.adapters.account import Account
from answerable.adapters.fakes.budgets import MemoryBudgets
from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.core import trace as tracing
from answerable.core.completion import Completion, Usage
from answerable.core.deadline import Deadline
from answerable.core.errors import BudgetExceeded, DatabaseUnreachable, ModelError, TransientModelError
from answerable.core.query import Scope
from answerable.core.trace import Trace
from answerable.llm.paying import Paid, largest_usage
from answerable.llm.price import Price, PriceTable
from answerable.llm.purse import Amounts, Purse
from answerable.text.tokens import estimated_usage

DAY = date(2026, 11, 22)
PRICE = Price(input=Decimal(1000), output=Decimal(2000))
TABLE = PriceTable(prices={"m": PRICE}, currency="EUR")
USAGE = Usage(input=10, output=5)


class Log:
    def __init__(self):
        self.happenings = []

    def write(self, happening):
        self.happenings.append(happening)


def purse(budgets=None, *, happenings=None, **amounts):
    given = {name: Decimal(str(amount)) for name, amount in amounts.items()}
    budgets = MemoryBudgets() if budgets is None else budgets
    return Purse(
        amounts=Amounts(**given), budgets=budgets, tenant="acme", happenings=happenings, today=lambda: DAY
    )


def paid(llm, purse, **options):
    return Paid(llm=llm, model="m", table=TABLE, purse=purse, **options)


def scripted(*replies):
    return ScriptedLLM(replies or [Reply(text="Fine.", usage=USAGE)], model="m")


async def standing(purse, *, key=""):
    await purse.aclose()
    limits = purse.amounts.limits(tenant="acme", key=key, day=DAY)
    return [(one.spent, one.held) for one in await purse.budgets.standings(tenant="acme", limits=limits)]


async def test_a_reply_settles_what_the_provider_counted(prompt, read):
    for ask in ("complete", "stream"):
        money = purse(daily=100)
        llm = paid(scripted(), money)
        if ask == "complete":
            completion = await llm.complete(prompt, deadline=Deadline.after(9))
        else:
            _, completion = await read(llm.stream(prompt, deadline=Deadline.after(9)))
        assert (completion.usage.cost, completion.usage.currency) == (Decimal("0.02"), "EUR")
        assert await standing(money) == [(Decimal("0.02"), Decimal(0))]


async def test_nothing_is_sent_where_the_most_that_it_may_cost_is_not_there(prompt):
    most = PRICE.most(largest_usage(prompt))
    llm = scripted()
    for money in (purse(daily=most - Decimal("0.000001")), purse(monthly=most / 2)):
        with pytest.raises(BudgetExceeded):
            await paid(llm, money).complete(prompt, deadline=Deadline.after(9))
        with pytest.raises(BudgetExceeded):
            await anext(paid(llm, money).stream(prompt, deadline=Deadline.after(9)))
        assert await standing(money) == [(Decimal(0), Decimal(0))]
    assert llm.calls == []


async def test_a_stream_that_is_left_settles_what_had_come(prompt):
    money = purse(daily=100)
    stream = paid(scripted(Reply(text="One two three four.", usage=USAGE)), money).stream(
        prompt, deadline=Deadline.after(9)
    )
    first = await anext(stream)
    await stream.aclose()
    assert await standing(money) == [(PRICE.cost(estimated_usage(prompt, first)), Decimal(0))]


async def test_a_cancelled_stream_settles_what_had_come_and_a_cancelled_reply_all_that_was_held(prompt, read):
    hold = asyncio.Event()
    for ask in ("complete", "stream"):
        money = purse(daily=100)
        llm = paid(scripted(Reply(text="One two.", pieces=("One ", "two."), pause=hold)), money)
        work = (
            llm.complete(prompt, deadline=Deadline.after(9))
            if ask == "complete"
            else read(llm.stream(prompt, deadline=Deadline.after(9)))
        )
        task = asyncio.create_task(work)
        for _ in range(20):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        expected = largest_usage(prompt) if ask == "complete" else estimated_usage(prompt, "One ")
        assert await standing(money) == [(PRICE.cost(expected), Decimal(0))]


async def test_a_call_that_was_turned_away_costs_nothing_and_a_broken_one_what_had_come(prompt, read):
    broken = Reply(text="One two.", error=TransientModelError("cut"))
    for reply, text in ((Reply(error=TransientModelError("busy", status=503)), None), (broken, "One two.")):
        money = purse(daily=100)
        with pytest.raises(TransientModelError) as caught:
            await read(paid(scripted(reply), money).stream(prompt, deadline=Deadline.after(9)))
        cost = Decimal(0) if text is None else PRICE.cost(estimated_usage(prompt, text))
        assert await standing(money) == [(cost, Decimal(0))]
        assert (caught.value.usage is None) == (text is None)


async def test_an_adapters_own_word_on_what_a_failed_call_used_counts(prompt):
    error = ModelError("refused")
    error.usage = Usage(input=7, output=1)
    money = purse(daily=100)
    with pytest.raises(ModelError) as caught:
        await paid(scripted(Reply(error=error)), money).complete(prompt, deadline=Deadline.after(9))
    assert caught.value.usage.cost == Decimal("0.009")
    assert await standing(money) == [(Decimal("0.009"), Decimal(0))]


async def test_a_model_without_a_price_is_asked_unless_that_is_refused(prompt):
    money = purse(daily=1)
    llm = Paid(llm=scripted(), model="unknown", table=PriceTable(prices={}), purse=money)
    assert (await llm.complete(prompt, deadline=Deadline.after(9))).usage.cost is None
    with pytest.raises(BudgetExceeded) as caught:
        await replace(llm, refuse_unpriced=True).complete(prompt, deadline=Deadline.after(9))
    assert caught.value.scope == "unpriced"


async def test_another_model_than_was_asked_without_a_price_settles_at_the_price_of_the_one_asked(prompt):
    money = purse(daily=100)
    llm = paid(scripted(Reply(text="x", model="surprise", usage=USAGE)), money)
    assert (await llm.complete(prompt, deadline=Deadline.after(9))).usage.cost is None
    assert await standing(money) == [(Decimal("0.02"), Decimal(0))]


async def test_a_model_that_costs_nothing_answers_when_the_money_is_gone(prompt):
    money = purse(daily="0.000001")
    free = PriceTable(prices={"m": Price(input=Decimal(0), output=Decimal(0))})
    llm = Paid(llm=scripted(), model="m", table=free, purse=money)
    assert (await llm.complete(prompt, deadline=Deadline.after(9))).usage.cost == 0


async def test_a_questions_budget_covers_all_its_calls_and_only_its_own(prompt):
    most = PRICE.most(largest_usage(prompt))
    money = purse(request=most + Decimal("0.03"))
    llm = paid(scripted(), money)
    for _ in range(2):  # two questions
        trace = Trace(tenant="acme")
        token = tracing.current.set(trace)
        try:
            await llm.complete(prompt, deadline=Deadline.after(9))
            await llm.complete(prompt, deadline=Deadline.after(9))
            with pytest.raises(BudgetExceeded) as caught:
                await llm.complete(prompt, deadline=Deadline.after(9))
        finally:
            tracing.current.reset(token)
        assert (caught.value.scope, trace.committed) == ("request", Decimal("0.04"))


async def test_calls_count_against_the_credential_that_asks(prompt):
    money = purse(key=100, daily=100)
    asked = replace(prompt, key="tk_1", scope=Scope(tenant="acme"))
    await paid(scripted(), money).complete(asked, deadline=Deadline.after(9))
    assert await standing(money, key="tk_1") == [(Decimal("0.02"), Decimal(0))] * 2
    assert await standing(money, key="tk_2") == [(Decimal(0), Decimal(0)), (Decimal("0.02"), Decimal(0))]


async def test_a_tenant_with_a_month_of_its_own_has_that_one():
    amounts = Amounts(monthly=Decimal(5), tenants={"big": Decimal(50)})
    found = [amounts.limits(tenant=tenant, key="", day=DAY)[0] for tenant in ("acme", "big")]
    assert [(one.amount, one.period, one.name) for one in found] == [
        (Decimal(5), date(2026, 11, 1), "acme"),
        (Decimal(50), date(2026, 11, 1), "big"),
    ]


async def test_the_soft_limit_is_told_once_to_whom_it_concerns(prompt):
    log = Log()
    money = Purse(
        amounts=Amounts(daily=Decimal("2.5"), soft=Decimal("0.4"), owner="finance"),
        budgets=MemoryBudgets(),
        tenant="acme",
        happenings=log,
        today=lambda: DAY,
    )
    llm = paid(scripted(), money)
    for _ in range(3):
        await llm.complete(replace(prompt, max_output_tokens=500), deadline=Deadline.after(9))
    (told,) = log.happenings
    assert (told.name, told.tenant) == ("budget.threshold", "acme")
    assert {"scope": "daily", "owner": "finance", "period": "2026-11-22"}.items() <= told.props.items()


class Unsteady(MemoryBudgets):
    """Does not answer, or not yet, or not this time."""

    def __init__(self, *, error=None, gate=None, failures=0):
        super().__init__()
        self.error, self.gate, self.failures, self.asked = error, gate, failures, 0

    async def reserve(self, *, tenant, amount, limits):
        self.asked += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        return await super().reserve(tenant=tenant, amount=amount, limits=limits)

    async def settle(self, reservation, *, cost):
        self.failures -= 1
        if self.failures >= 0:
            raise DatabaseUnreachable("away")
        await super().settle(reservation, cost=cost)


async def test_without_the_budgets_no_paid_call_is_made_and_nobody_waits_for_them_again_at_once(prompt):
    budgets, now = Unsteady(error=DatabaseUnreachable("away")), [0.0]
    money = Purse(amounts=Amounts(daily=Decimal(9)), budgets=budgets, clock=lambda: now[0])
    llm = scripted()
    for after_s, asked in ((0.0, 1), (0.5, 1), (1.1, 2)):
        now[0] = after_s
        with pytest.raises(BudgetExceeded) as caught:
            await paid(llm, money).complete(prompt, deadline=Deadline.after(9))
        assert (caught.value.scope, budgets.asked) == ("unknown", asked)
    assert llm.calls == []


async def test_budgets_that_take_too_long_refuse_and_what_they_grant_later_is_given_back(prompt):
    gate = asyncio.Event()
    money = purse(Unsteady(gate=gate), daily=100)
    money.wait_s = 0.01
    with pytest.raises(BudgetExceeded):
        await paid(scripted(), money).complete(prompt, deadline=Deadline.after(9))
    gate.set()
    for _ in range(5):
        await asyncio.sleep(0)
    assert await standing(money) == [(Decimal(0), Decimal(0))]


async def test_who_is_cancelled_while_asking_for_money_leaves_none_held(prompt):
    gate = asyncio.Event()
    money = purse(Unsteady(gate=gate), daily=100, request=100)
    trace = Trace(tenant="acme")
    token = tracing.current.set(trace)
    task = asyncio.create_task(paid(scripted(), money).complete(prompt, deadline=Deadline.after(9)))
    tracing.current.reset(token)
    for _ in range(5):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    gate.set()
    for _ in range(5):
        await asyncio.sleep(0)
    assert trace.committed == 0
    assert await standing(money) == [(Decimal(0), Decimal(0))]


async def test_a_settlement_that_fails_is_tried_again(prompt):
    waits = []

    async def sleep(seconds):
        waits.append(seconds)

    money = purse(Unsteady(failures=2), daily=100)
    money.sleep = sleep
    await paid(scripted(), money).complete(prompt, deadline=Deadline.after(9))
    assert await standing(money) == [(Decimal("0.02"), Decimal(0))]
    assert waits == [0.5, 2.0]


async def test_without_a_budget_nobody_is_asked(prompt):
    budgets = Unsteady(error=DatabaseUnreachable("away"))
    completion = await paid(scripted(), purse(budgets)).complete(prompt, deadline=Deadline.after(9))
    assert isinstance(completion, Completion)
    assert budgets.asked == 0


async def test_a_question_in_a_hurry_is_refused_alone(prompt):
    gate = asyncio.Event()
    budgets = Unsteady(gate=gate)
    money = purse(budgets, daily=100)
    with pytest.raises(BudgetExceeded):
        await paid(scripted(), money).complete(prompt, deadline=Deadline.after(0.01))
    gate.set()
    assert (await paid(scripted(), money).complete(prompt, deadline=Deadline.after(9))).text == "Fine."


async def test_tokens_counted_below_nothing_give_no_money_back(prompt):
    money = purse(daily=100)
    await paid(scripted(Reply(text="Fine.", usage=Usage(input=-10, output=-5))), money).complete(
        prompt, deadline=Deadline.after(9)
    )
    assert await standing(money) == [(Decimal(0), Decimal(0))]


async def test_a_service_counts_against_the_key_of_the_question_that_needs_it():
    money, seen = purse(key=100), []
    account = Account(use="embed", provider="p", model="m", observers=(seen.append,), pricing=TABLE, paying=money)
    token = tracing.current.set(Trace(tenant="acme", key="tok_1"))
    try:
        async with account.call(USAGE, deadline=Deadline.after(9)) as bill:
            bill.usage = USAGE
    finally:
        tracing.current.reset(token)
    assert await standing(money, key="tok_1") == [(PRICE.cost(USAGE), Decimal(0))]
    assert seen[0].key == "tok_1"
