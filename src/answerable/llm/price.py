"""What a reply costs, by a table that the project keeps; a model without a price has no cost, not a cost of 0."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from answerable.core.completion import Completion, Usage
from answerable.core.deadline import Deadline
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.llm.attempts import opened

_PER = Decimal(1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Money per million tokens. `cached` is for input that the provider had in its cache; None: as other input."""

    input: Decimal
    output: Decimal
    cached: Decimal | None = None

    def cost(self, usage: Usage) -> Decimal:
        """Of these tokens, in the table's currency."""
        cached = self.input if self.cached is None else self.cached
        fresh = usage.input - usage.cached
        return (fresh * self.input + usage.cached * cached + usage.output * self.output) / _PER


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTable:
    """Prices by the model name that the provider reports."""

    prices: Mapping[str, Price]
    currency: str = "USD"

    def priced(self, completion: Completion) -> Completion:
        """The completion with its cost; unchanged where the model has no price."""
        usage = self.cost(completion.model, completion.usage)
        return completion if usage is completion.usage else replace(completion, usage=usage)

    def cost(self, model: str, usage: Usage) -> Usage:
        """The usage with its cost; unchanged where the model has no price."""
        price = self.prices.get(model)
        return usage if price is None else replace(usage, cost=price.cost(usage), currency=self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """An LLM whose replies say what they cost."""

    llm: LLM
    table: PriceTable

    @property
    def name(self) -> str:
        """The name of the model behind."""
        return self.llm.name

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """The priced reply."""
        return self.table.priced(await self.llm.complete(rendered, deadline=deadline))

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncGenerator[str | Completion, None]:
        """The reply in pieces, then its priced Completion."""
        async with opened(self.llm.stream(rendered, deadline=deadline)) as stream:
            async for piece in stream:
                yield self.table.priced(piece) if isinstance(piece, Completion) else piece
