"""The project's price table."""

from __future__ import annotations

from decimal import Decimal

from answerable.app.project import Project
from answerable.llm.price import Price, PriceTable


def price_table(project: Project) -> PriceTable:
    """By model name; a model that is not in it has no cost, not a cost of 0."""
    prices = {
        name: Price(
            input=Decimal(str(one.input)),
            output=Decimal(str(one.output)),
            cached=None if one.cached is None else Decimal(str(one.cached)),
        )
        for name, one in project.settings.price.items()
    }
    return PriceTable(prices=prices)
