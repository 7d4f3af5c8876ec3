"""What a call costs, by a table with a version; a model that is not in it has no cost, not a cost of 0."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from answerable.core.completion import Completion, Usage

_PER = Decimal(1_000_000)
_PER_SEARCH = Decimal(1_000)
_DATED = re.compile(r"(?P<name>.+)-(?:\d{4}-\d{2}-\d{2}|\d{8})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Money per million tokens. `cached` and `written` are for input that came out of the provider's cache, or
    went into it; None: as other input. `search` is per thousand searches, of a reranking service.

    `above`: with more input tokens than its number, that price holds for the whole call; `later`: from its day on.
    """

    input: Decimal
    output: Decimal
    cached: Decimal | None = None
    written: Decimal | None = None
    search: Decimal | None = None
    above: tuple[tuple[int, Price], ...] = ()  # ascending
    later: tuple[tuple[date, Price], ...] = ()  # ascending

    def on(self, day: date) -> Price:
        """The price that holds on a day (UTC)."""
        past = [price for start, price in self.later if start <= day]
        return past[-1] if past else self

    def cost(self, usage: Usage) -> Decimal:
        """Of this usage, in the table's currency."""
        price = self._at(usage.input)
        fresh = usage.input - usage.cached - usage.written
        tokens = fresh * price.input + usage.cached * price._cached + usage.written * price._written
        tokens += usage.output * price.output
        return tokens / _PER + usage.searches * (price.search or Decimal(0)) / _PER_SEARCH

    def most(self, usage: Usage) -> Decimal:
        """The most that so many tokens can cost, whatever part of the input a cache has or takes."""
        price = self._at(usage.input)
        dearest = max(price.input, price._cached, price._written)
        return replace(price, input=dearest, cached=None, written=None, above=()).cost(usage)

    @property
    def free(self) -> bool:
        """Whether it costs nothing, whatever is asked."""
        parts = (self.input, self.output, self._cached, self._written, self.search or Decimal(0))
        return not any(parts) and all(price.free for _, price in self.above)

    @property
    def _cached(self) -> Decimal:
        return self.input if self.cached is None else self.cached

    @property
    def _written(self) -> Decimal:
        return self.input if self.written is None else self.written

    def _at(self, input_tokens: int) -> Price:
        longer = [price for tokens, price in self.above if input_tokens > tokens]
        return longer[-1] if longer else self


def _today() -> date:
    return datetime.now(UTC).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTable:
    """Prices by the model name that the provider reports. `version` names the table in every cost's record.

    `dated`: names whose dated snapshots (NAME-2026-11-22, NAME-20261122) cost what they cost. No other name is
    ever taken for one that it resembles; `otherwise` is the name that counts for those that are not in the table.
    """

    prices: Mapping[str, Price]
    currency: str = "USD"
    version: str = ""
    dated: frozenset[str] = frozenset()
    otherwise: str = ""
    today: Callable[[], date] = field(default=_today, compare=False)

    def find(self, model: str) -> Price | None:
        """The price of a model today; None where the table does not have it."""
        name = self.listed(model)
        return None if name is None else self.prices[name].on(self.today())

    def listed(self, model: str) -> str | None:
        """Under which name the table has a model."""
        if model in self.prices:
            return model
        snapshot = _DATED.fullmatch(model)
        if snapshot and snapshot["name"] in self.dated:
            return snapshot["name"]
        return self.otherwise if self.otherwise in self.prices else None

    def costed(self, model: str, usage: Usage) -> Usage:
        """The usage with its cost; unchanged where the model has no price."""
        price = self.find(model)
        if price is None:
            return usage
        return replace(usage, cost=price.cost(usage), currency=self.currency)

    def most(self, model: str, usage: Usage) -> Decimal | None:
        """The most that so many tokens can cost; None where the model has no price."""
        price = self.find(model)
        return None if price is None else price.most(usage)

    def priced(self, completion: Completion) -> Completion:
        """The completion with its cost; unchanged where the model has no price."""
        return replace(completion, usage=self.costed(completion.model, completion.usage))
