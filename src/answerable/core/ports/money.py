"""Money: what a call may cost is held before it is made, and what it did cost is written after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from answerable.core.call import Call
from answerable.core.completion import Usage
from answerable.core.deadline import Deadline
from answerable.core.trace import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One budget that a call counts against. `scope` and `name` tell which, e.g. monthly of tenant `acme`."""

    scope: str  # key | daily | monthly
    name: str  # the key's id, or the tenant
    period: date  # the day, or the first of the month
    amount: Decimal  # that may be spent in it, in the project's currency
    soft: Decimal | None = None  # from here on it warns


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Money held for one call. `warned` are the scopes whose soft limit this one was the first to cross."""

    id: str
    tenant: str
    amount: Decimal
    warned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How much of a budget is spent, and how much is held for calls under way."""

    limit: Limit
    spent: Decimal
    held: Decimal


class Budgets(Protocol):
    """Spending against limits; atomic over all processes.

    What a process held that died is never freed: it may have been spent, and after a while it counts as spent.
    """

    async def reserve(self, *, tenant: str, amount: Decimal, limits: Sequence[Limit]) -> Reservation:
        """Hold the amount against every limit, or none. Raises BudgetExceeded naming the one that is full."""
        ...

    async def settle(self, reservation: Reservation, *, cost: Decimal) -> None:
        """Write what it cost, in the periods it was held in, and free the rest. A second time does nothing."""
        ...

    async def standings(self, *, tenant: str, limits: Sequence[Limit]) -> list[Standing]:
        """How it stands with each limit, in their order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Money set aside for one call; without a reservation no budget but the question's own knows of it."""

    amount: Decimal = Decimal(0)
    reservation: Reservation | None = None
    trace: Trace | None = None


class Paying(Protocol):
    """What pays for calls."""

    async def hold(self, amount: Decimal, *, tenant: str, key: str, deadline: Deadline) -> Held:
        """Set the amount aside, everywhere or nowhere. Raises BudgetExceeded."""
        ...

    def settle(self, held: Held, cost: Decimal) -> None:
        """Say what it did cost; returns at once."""
        ...


class Pricing(Protocol):
    """What calls cost. A model that is not known has no cost, not a cost of 0."""

    @property
    def version(self) -> str: ...

    def costed(self, model: str, usage: Usage) -> Usage:
        """The usage with its cost; unchanged where the model has no price."""
        ...

    def most(self, model: str, usage: Usage) -> Decimal | None:
        """The most that so many tokens can cost; None where the model has no price."""
        ...


class Calls(Protocol):
    """The book of calls. Writing never waits; what cannot be written now is kept on disk and written later."""

    def write(self, call: Call) -> None:
        """Queue; returns at once."""
        ...

    async def flush(self) -> None:
        """Wait until what was queued is written."""
        ...

    async def totals(
        self, *, tenant: str, since: datetime, until: datetime, by: Sequence[str]
    ) -> list[Mapping[str, Any]]:
        """Sums of [since, until) by any of day, use, prompt (id@version), model, provider, tenant, key, outcome.

        Keys besides those: calls, traces, unpriced (calls), hits, input, cached, output, cost (Decimal), wasted
        (of cost, on calls that gave no answer), saved (by hits), estimated (calls whose usage is our estimate).
        """
        ...

    async def by_trace(self, *, tenant: str, since: datetime, until: datetime) -> list[Mapping[str, Any]]:
        """Cost per question: trace, day, at, calls, cost (Decimal, None where a call is unpriced), hits, question
        (equal where a kept reply could have served; empty: none could), principal, generated (of cost, for the
        reply itself).
        In order of time; calls outside of any question are left out.
        """
        ...
