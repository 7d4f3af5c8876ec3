"""A project's money: its budgets, its book of calls, and the account of everything that is called and costs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

from answerable.adapters.account import Account
from answerable.adapters.postgres.budgets import PostgresBudgets
from answerable.adapters.postgres.calls import PostgresCalls
from answerable.adapters.postgres.database import Database
from answerable.app.gateway import Parts
from answerable.app.pricing import table_at
from answerable.app.project import Project
from answerable.config.money import BudgetSection
from answerable.core.call import Observer
from answerable.core.ports import Budgets, Calls, Happenings
from answerable.core.trace import note
from answerable.llm.purse import Amounts, Purse


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """What pays, and where it is written down."""

    project: Project
    calls: Calls
    budgets: Budgets
    purse: Purse
    heard: tuple[Observer, ...] = ()  # who else hears of calls that are no language model's

    @property
    def parts(self) -> Parts:
        """What a gateway needs of it."""
        return Parts(observers=(self.calls.write,), purse=self.purse)

    def account(self, use: str, *, provider: str, model: str, url: str) -> Account:
        """Of a service that is no language model."""
        return Account(
            use=use,
            provider=provider,
            model=model,
            endpoint=url,
            observers=(note, self.calls.write, *self.heard),
            pricing=table_at(self.project, url),
            paying=self.purse,
            refuse_unpriced=self.project.settings.budget.unpriced == "refuse",
        )


@asynccontextmanager
async def open_money(
    project: Project,
    database: Database,
    happenings: Happenings | None = None,
    *,
    heard: tuple[Observer, ...] = (),
) -> AsyncIterator[Money]:
    """The purse and the book; what is being settled and written at the end is waited for."""
    tenant, budgets = project.settings.project.tenant, PostgresBudgets(database)
    async with PostgresCalls(database, spool=project.state / "calls", tenant=tenant) as calls:
        purse = Purse(
            amounts=amounts(project.settings.budget), budgets=budgets, tenant=tenant, happenings=happenings
        )
        try:
            yield Money(project=project, calls=calls, budgets=budgets, purse=purse, heard=heard)
        finally:
            await purse.aclose()


def amounts(section: BudgetSection) -> Amounts:
    """What may be spent."""
    return Amounts(
        request=_decimal(section.request),
        key=_decimal(section.key),
        daily=_decimal(section.daily),
        monthly=_decimal(section.monthly),
        tenants={tenant: Decimal(str(amount)) for tenant, amount in section.tenants.items()},
        soft=Decimal(str(section.soft)),
        currency=section.currency,
        owner=section.owner,
    )


def _decimal(amount: float | None) -> Decimal | None:
    return None if amount is None else Decimal(str(amount))
