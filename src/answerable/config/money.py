"""Settings of money: what models cost, and how much may be spent."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from answerable.config.section import Section

Money = Annotated[float, Field(gt=0)]


class PriceSection(Section):
    """What a model costs, per million tokens, by the model name that its provider reports."""

    input: Annotated[float, Field(ge=0)] = Field(description="Tokens sent.")
    output: Annotated[float, Field(ge=0)] = Field(description="Tokens received.")
    cached: Annotated[float, Field(ge=0)] | None = Field(
        None, description="Tokens sent that the provider had in its cache; empty: as other input."
    )
    written: Annotated[float, Field(ge=0)] | None = Field(
        None, description="Tokens sent that the provider put into its cache; empty: as other input."
    )
    search: Annotated[float, Field(ge=0)] | None = Field(
        None, description="A thousand searches, where a reranking service counts those."
    )


class BudgetSection(Section):
    """What may be spent. Reserved before a call, settled after it; empty: no limit."""

    currency: str = Field("USD", pattern=r"^[A-Z]{3}$", description="Of the budgets and of the price table.")
    owner: str = Field("", description="Who hears of it.")
    prices: str = Field("", description="An own price table, a TOML file; its models go over the shipped ones.")
    unpriced: Literal["allow", "refuse"] = Field(
        "allow", description="A model without a price: asked, and shown as unpriced, or not asked."
    )
    request: Money | None = Field(None, description="For one question, all its calls.")
    key: Money | None = Field(None, description="For one API token, a day.")
    daily: Money | None = Field(None, description="For one tenant, a day.")
    monthly: Money | None = Field(None, description="For one tenant, a month.")
    tenants: dict[str, Money] = Field({}, description="A tenant's own monthly budget.")
    soft: Annotated[float, Field(gt=0, le=1)] = Field(0.8, description="The share that warns.")
    hard: Literal["degrade", "stop"] = Field(
        "degrade", description="At the limit: answer without a model, or say that there is none."
    )
