"""What a call costs, and which model a name is taken for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from answerable.core.completion import Usage
from answerable.core.errors import ConfigError
from answerable.llm.price import Price, PriceTable
from answerable.llm.price_file import read_prices, shipped_prices

USAGE = Usage(input=1830, cached=1200, output=96)
PLAIN = Price(input=Decimal(1), output=Decimal(2))


@pytest.mark.parametrize(("cached", "cost"), [(Decimal("0.25"), "0.002835"), (None, "0.005535")])
def test_fresh_cached_and_output_tokens_each_have_their_price(cached, cost):
    assert Price(input=Decimal("2.5"), output=Decimal(10), cached=cached).cost(USAGE) == Decimal(cost)


def test_what_goes_into_a_cache_has_its_price_too():
    price = Price(input=Decimal(4), output=Decimal(0), cached=Decimal(1), written=Decimal(5))
    assert price.cost(Usage(input=1000, cached=200, written=300)) == Decimal("0.003700")


def test_a_search_costs_by_the_thousand():
    price = Price(input=Decimal(0), output=Decimal(0), search=Decimal(2))
    assert price.cost(Usage(searches=3)) == Decimal("0.006")


def test_the_whole_of_a_long_call_costs_what_long_calls_cost():
    longer = Price(input=Decimal(5), output=Decimal(20))
    price = Price(input=Decimal(1), output=Decimal(2), above=((1000, longer),))
    assert price.cost(Usage(input=1000, output=100)) == Decimal("0.0012")
    assert price.cost(Usage(input=1001, output=100)) == Decimal("0.007005")


def test_the_most_a_call_can_cost_reckons_with_the_dearest_kind_of_input():
    price = Price(input=Decimal(4), output=Decimal(10), cached=Decimal(1), written=Decimal(5))
    most = price.most(Usage(input=1000, output=100))
    assert most == Decimal("0.006")
    assert most >= price.cost(Usage(input=1000, written=1000, output=100))


def test_an_announced_price_holds_from_its_day():
    price = Price(input=Decimal(1), output=Decimal(1), later=((date(2027, 1, 1), PLAIN),))
    for day, output in ((date(2026, 12, 31), 1), (date(2027, 1, 1), 2)):
        table = PriceTable(prices={"m": price}, today=lambda day=day: day)
        assert table.find("m").output == output


def test_only_a_dated_snapshot_of_a_dated_name_is_taken_for_it():
    table = PriceTable(prices={"big": PLAIN, "small": PLAIN}, dated=frozenset({"big"}))
    found = {
        name: table.listed(name)
        for name in ("big", "big-2026-11-22", "big-20261122", "small-2026-11-22", "big-mini", "big-2026-11", "BIG")
    }
    assert found == {
        "big": "big",
        "big-2026-11-22": "big",
        "big-20261122": "big",
        "small-2026-11-22": None,
        "big-mini": None,
        "big-2026-11": None,
        "BIG": None,
    }


def test_a_provider_may_name_the_model_that_counts_for_names_not_in_the_table():
    table = PriceTable(prices={"big": PLAIN}, otherwise="big")
    assert table.costed("our-deployment", Usage(input=1_000_000)).cost == Decimal(1)
    assert PriceTable(prices={}, otherwise="gone").costed("x", Usage(input=5)).cost is None


def test_shipped_prices_hold_at_the_vendors_own_endpoints_and_nowhere_else():
    ours = shipped_prices("api.openai.com")
    assert ours.prices["gpt-4o-mini"].cost(Usage(input=1_000_000)) == Decimal("0.15")
    assert shipped_prices("resource.openai.azure.com").prices["gpt-4o-mini"]
    for host in ("localhost", "api.openai.com.example.org", "openai.azure.com", ""):
        assert shipped_prices(host) is None


def test_every_shipped_table_can_be_read_and_nothing_in_it_is_free():
    for host in ("api.anthropic.com", "api.mistral.ai", "api.groq.com", "api.voyageai.com",
                 "generativelanguage.googleapis.com"):  # fmt: skip
        found = shipped_prices(host)
        assert found.version.startswith("genai-prices")
        assert len(found.prices) > 10
        assert not any(price.free for price in found.prices.values())


def test_an_own_table_says_what_is_wrong_with_it():
    with pytest.raises(ConfigError, match=r"prices\.toml: model\.m\.input"):
        read_prices("[model]\nm = { input = -1 }", where="prices.toml")
    with pytest.raises(ConfigError, match="outptu"):
        read_prices("[model]\nm = { input = 1, outptu = 2 }", where="p")
    with pytest.raises(ConfigError, match="two prices"):
        read_prices('[model]\nm = { input = 1 }\nn = { input = 2, also = ["m"] }', where="p")
    with pytest.raises(ConfigError, match="p: "):
        read_prices("[model", where="p")


def test_an_own_table_without_a_version_goes_by_its_content():
    one, other = (read_prices(f"[model]\nm = {{ input = {n} }}", where="p") for n in (1, 2))
    assert one.version != other.version
    assert one.prices["m"] == Price(input=Decimal(1), output=Decimal(0))
