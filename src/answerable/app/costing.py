"""What was spent, on what, and how the budgets stand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from answerable.app.database import open_database
from answerable.app.paying import Money, amounts, open_money
from answerable.app.project import Project
from answerable.core.errors import ConfigError
from answerable.core.ports import Standing
from answerable.core.query import EVALUATION
from answerable.monitor.spending import (
    CostPerQuestion,
    Question,
    cost_per_question,
    day_of,
    ends_at,
    month_of,
    read_questions,
)

BY = ("prompt", "model", "tenant", "day", "use", "key", "provider", "outcome")
_COUNTED = (
    "calls", "traces", "unpriced", "hits", "estimated", "input", "cached", "written", "output", "searches",
)  # fmt: skip
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """[since, until), for one tenant or several."""

    since: datetime
    until: datetime
    tenants: tuple[str, ...]

    @property
    def days(self) -> float:
        """Its length."""
        return (self.until - self.since).total_seconds() / 86400.0

    @property
    def whole_days(self) -> tuple[str, ...]:
        """The days that lie in it from beginning to end."""
        first = (self.since + timedelta(days=1) - timedelta(microseconds=1)).astimezone(UTC).date()
        last = self.until.astimezone(UTC).date()
        return tuple((first + timedelta(days=n)).isoformat() for n in range(max(0, (last - first).days)))


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetState:
    """A budget and how it stands; `ends` is when it is spent at the period's rate, None where it lasts."""

    standing: Standing
    ends: datetime | None

    @property
    def over(self) -> bool:
        """Whether all of it is spent."""
        return self.standing.spent >= self.standing.limit.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What `cost show` shows."""

    period: Period
    currency: str
    owner: str
    by: tuple[str, ...]
    rows: Rows
    total: Mapping[str, Any]
    questions: CostPerQuestion
    evaluations: CostPerQuestion
    unpriced: tuple[str, ...]  # models
    budgets: tuple[BudgetState, ...]


@asynccontextmanager
async def open_books(settings: Project) -> AsyncIterator[Money]:
    """The book and the budgets, without a model, an index or a person waiting."""
    async with open_database(settings) as database, open_money(settings, database) as money:
        await money.calls.flush()
        yield money


def tenants_of(settings: Project, named: Sequence[str]) -> tuple[str, ...]:
    """Those that are named; else the project's own and those with a budget of their own."""
    own = (settings.settings.project.tenant, *settings.settings.budget.tenants)
    return tuple(dict.fromkeys(named or own))


async def show(money: Money, period: Period, by: Sequence[str], *, now: datetime) -> Spending:
    """Raises ConfigError for a way of parting that there is not, DatabaseUnreachable."""
    if unknown := [name for name in by if name not in BY]:
        raise ConfigError(f"nothing is parted by {unknown[0]!r}", hint=f"by {', '.join(BY)}")
    budget = money.project.settings.budget
    asked, evaluated = parted(await questions_of(money, period))
    models = await totals_of(money, period, ["model"])
    return Spending(
        period=period,
        currency=budget.currency,
        owner=budget.owner,
        by=tuple(by),
        rows=await totals_of(money, period, by) if by else (),
        total=_summed(models),
        questions=cost_per_question(asked),
        evaluations=cost_per_question(evaluated),
        unpriced=tuple(sorted({row["model"] for row in models if row["unpriced"]})),
        budgets=tuple([one for tenant in period.tenants for one in await _budgets(money, tenant, now)]),
    )


async def questions_of(money: Money, period: Period) -> list[Question]:
    """What each question cost, in order of time."""
    found: list[Question] = []
    for tenant in period.tenants:
        rows = await money.calls.by_trace(tenant=tenant, since=period.since, until=period.until)
        found += read_questions(rows)
    return sorted(found, key=lambda one: one.at)


def parted(questions: Sequence[Question]) -> tuple[list[Question], list[Question]]:
    """Those of persons, and those of evaluations."""
    evaluated = [one for one in questions if one.principal == EVALUATION]
    return [one for one in questions if one.principal != EVALUATION], evaluated


async def totals_of(money: Money, period: Period, by: Sequence[str]) -> list[Mapping[str, Any]]:
    """Sums over the period's tenants, parted by any of BY."""
    parts = [
        await money.calls.totals(tenant=tenant, since=period.since, until=period.until, by=by)
        for tenant in period.tenants
    ]
    rows = [row for part in parts for row in part]
    return rows if "tenant" in by or len(parts) == 1 else _merged(rows, by)


def _merged(rows: Rows, by: Sequence[str]) -> list[Mapping[str, Any]]:
    """Rows of several tenants with the same name in one."""
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in by), []).append(row)
    return [{**dict(zip(by, key, strict=True)), **_summed(each)} for key, each in groups.items()]


def _summed(rows: Rows) -> Mapping[str, Any]:
    names = (
        "calls",
        "traces",
        "unpriced",
        "hits",
        "estimated",
        "input",
        "cached",
        "written",
        "output",
        "searches",
    )
    sums: dict[str, Any] = {name: sum(row[name] for row in rows) for name in names}
    return sums | {name: sum((row[name] for row in rows), Decimal(0)) for name in ("cost", "wasted", "saved")}


async def _budgets(money: Money, tenant: str, now: datetime) -> list[BudgetState]:
    """The tenant's, and those of the credentials it has used today."""
    (start, end), month = day_of(now), month_of(now)
    rows = await money.calls.totals(tenant=tenant, since=start, until=end, by=["key"])
    wanted = amounts(money.project.settings.budget)
    limits = {
        (limit.scope, limit.name): limit
        for key in ("", *(row["key"] for row in rows))
        for limit in wanted.limits(tenant=tenant, key=key, day=start.date())
    }
    standings = await money.budgets.standings(tenant=tenant, limits=list(limits.values()))
    return [_state(one, (start, end), month, now) for one in standings]


def _state(
    standing: Standing, day: tuple[datetime, datetime], month: tuple[datetime, datetime], now: datetime
) -> BudgetState:
    start, end = month if standing.limit.scope == "monthly" else day
    ends = ends_at(spent=standing.spent, limit=standing.limit.amount, start=start, end=end, now=now)
    return BudgetState(standing=standing, ends=ends)
