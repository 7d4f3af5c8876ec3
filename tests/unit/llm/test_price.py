"""What replies cost."""

from __future__ import annotations

from decimal import Decimal

import pytest

from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.core.completion import Usage
from answerable.core.deadline import Deadline
from answerable.llm.price import Price, Priced, PriceTable

USAGE = Usage(input=1830, cached=1200, output=96)


@pytest.mark.parametrize(("cached", "cost"), [(Decimal("0.25"), "0.002835"), (None, "0.005535")])
def test_fresh_cached_and_output_tokens_each_have_their_price(cached, cost):
    assert Price(input=Decimal("2.5"), output=Decimal(10), cached=cached).cost(USAGE) == Decimal(cost)


async def test_a_reply_is_priced_by_the_model_that_the_provider_reports(prompt, read):
    table = PriceTable(prices={"real-1": Price(input=Decimal(1), output=Decimal(2))}, currency="EUR")
    llm = Priced(llm=ScriptedLLM([Reply(text="x", model="real-1", usage=USAGE)], model="asked"), table=table)
    completion = await llm.complete(prompt, deadline=Deadline.after(9))
    _, last = await read(llm.stream(prompt, deadline=Deadline.after(9)))
    for one in (completion, last):
        assert (one.usage.cost, one.usage.currency) == (Decimal("0.002022"), "EUR")


async def test_a_model_without_a_price_has_no_cost(prompt):
    llm = Priced(llm=ScriptedLLM(["x"]), table=PriceTable(prices={}))
    assert (await llm.complete(prompt, deadline=Deadline.after(9))).usage.cost is None
