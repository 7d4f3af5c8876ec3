"""What another volume, another model or a cache would cost, from the book of calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from answerable.app.costing import Period, Rows, parted, questions_of, totals_of
from answerable.app.paying import Money
from answerable.app.pricing import price_table
from answerable.app.project import Project
from answerable.core.completion import Usage
from answerable.core.errors import ConfigError
from answerable.llm.price import Price
from answerable.monitor.forecast import Basis, Projection, can_tell, counts_by_day, project
from answerable.monitor.hits import HitCurve, hit_curve
from answerable.monitor.spending import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What `cost forecast` shows; without enough questions `projections` is empty."""

    period: Period
    currency: str
    basis: Basis
    curve: HitCurve | None
    cache: bool
    model: str  # that answers instead; empty: as recorded
    projections: tuple[Projection, ...]
    other_way: tuple[Projection, ...]  # the cache off where it is on, and the other way round
    drivers: Rows  # shares of the cost: use, model, prompt, share
    tables: tuple[str, ...]


async def forecast(
    money: Money, period: Period, volumes: Sequence[float], *, days: int, model: str, cache: bool | None
) -> Forecast:
    """`model`: answers instead of the recorded ones; `cache` None: as configured.

    Raises ConfigError for a model without a price, DatabaseUnreachable.
    """
    settings = money.project.settings
    asked, _ = parted(await questions_of(money, period))
    if asked:  # what was before the first question was not recorded, or was no question's time
        period = replace(period, since=max(period.since, asked[0].at))
    rows = await totals_of(money, period, ["use", "model", "prompt"])
    cached = settings.cache.exact is not None if cache is None else cache
    curve = hit_curve(asked, ttl_s=settings.cache.exact or 86400.0)
    basis = Basis(
        questions=tuple(asked),
        days=period.days,
        counts=counts_by_day(asked, period.whole_days),
        asides=_asides(rows, asked, period.days),
        generation=_instead(money.project, rows, model) if model else 1.0,
    )
    told = can_tell(basis)
    return Forecast(
        period=period,
        currency=settings.budget.currency,
        basis=basis,
        curve=curve,
        cache=cached,
        model=model,
        projections=tuple(project(basis, volumes, days=days, curve=curve if cached else None)) if told else (),
        other_way=tuple(project(basis, volumes, days=days, curve=None if cached else curve)) if told else (),
        drivers=_drivers(rows),
        tables=_tables(money.project),
    )


def _asides(rows: Rows, asked: Sequence[Question], days: float) -> float:
    """Money a day that no person's question has cost: judges, evaluations, the reading of documents."""
    whole = sum((row["cost"] for row in rows), Decimal(0))
    of_questions = sum((one.cost or Decimal(0) for one in asked), Decimal(0))
    return max(0.0, float(whole - of_questions)) / days


def _drivers(rows: Rows) -> Rows:
    """What the money went to, the dearest first."""
    whole = sum((row["cost"] for row in rows), Decimal(0))
    named = [
        {**{name: row[name] for name in ("use", "model", "prompt", "calls", "cost")},
         "share": float(row["cost"] / whole) if whole else None}
        for row in rows
        if row["cost"]
    ]  # fmt: skip
    return sorted(named, key=lambda row: -row["cost"])


def _instead(settings: Project, rows: Rows, model: str) -> float:
    """What replies of that model would cost, as a multiple of what they did: the same tokens, repriced.

    Another model counts tokens its own way and says more or less: only a run of it tells.
    """
    answered = [row for row in rows if row["use"] == "answer" and row["cost"]]
    cost = sum((row["cost"] for row in answered), Decimal(0))
    if not cost:
        raise ConfigError("no priced answer is recorded, so there is nothing to reprice")
    usage = Usage(
        input=sum(row["input"] for row in answered),
        cached=sum(row["cached"] for row in answered),
        written=sum(row["written"] for row in answered),
        output=sum(row["output"] for row in answered),
    )
    calls = max(1, sum(row["calls"] for row in answered))
    return float(_price(settings, model, usage.input // calls).cost(usage) / cost)


def _price(settings: Project, model: str, input_tokens: int) -> Price:
    """From whichever table has it: a provider of that name or model, else any configured endpoint's."""
    providers = settings.settings.provider
    for name in sorted(providers, key=lambda one: one != model):
        found = price_table(settings, name).find(providers[name].model if name == model else model)
        if found is not None:
            longer = [price for tokens, price in found.above if input_tokens > tokens]
            return replace(longer[-1] if longer else found, above=())
    raise ConfigError(f"{model!r} has no price at any configured endpoint", hint=f'set [price."{model}"]')


def _tables(settings: Project) -> tuple[str, ...]:
    """The versions of the price tables in force."""
    versions = (price_table(settings, name).version for name in settings.settings.provider)
    return tuple(dict.fromkeys(version for version in versions if version))
