"""How spending, forecasts and prices look in a terminal and as JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.text import Text

from answerable.cli.console import out, say, table

if TYPE_CHECKING:
    from answerable.app.costing import BudgetState, Spending
    from answerable.app.forecasting import Forecast
    from answerable.app.price_list import Priced
    from answerable.llm.price import Price
    from answerable.monitor.forecast import Projection
    from answerable.monitor.spending import CostPerQuestion

_FEW = 30  # questions; below it nothing but their number and their sum is said


def print_spending(found: Spending) -> None:
    """The sum and what is loud about it, the rows, a question's cost, the budgets."""
    total, period = found.total, found.period
    when = f"{period.since:%Y-%m-%d %H:%M} to {period.until:%Y-%m-%d %H:%M} UTC"
    head = f"{found.currency} {money(total['cost'])} for {total['calls']} calls, {when}"
    out.print(Text(head, style="bold"))
    if total["unpriced"]:
        names = ", ".join(found.unpriced)
        line = f"UNPRICED: {total['unpriced']} of the calls have no price, the sum is without them: {names}"
        out.print(Text(line, style="red"))
    for name, what in (("wasted", "on calls that gave no answer: retries, second requests, failures"),
                       ("saved", "by replies given again")):  # fmt: skip
        if total[name]:
            say(f"{name:<9} {money(total[name])}{_of(total[name], total['cost'], name)} {what}")
    if total["estimated"]:
        say(f"estimated {total['estimated']} calls were left or cut: their tokens are counted by us")
    if found.rows:
        out.print()
        _print_rows(found)
    out.print()
    say(f"questions  {_mean(found.questions, found.currency)}")
    if found.evaluations.n:
        say(f"evaluated  {_mean(found.evaluations, found.currency)}")
    _print_budgets(found)


def _print_rows(found: Spending) -> None:
    numbers = ["calls", "hits", "unpriced", "input", "cached", "output", "cost", "wasted"]
    rows = [
        [*(row[name] or "–" for name in found.by), *(row[name] for name in numbers[:-2]),
         money(row["cost"]), money(row["wasted"])]
        for row in found.rows
    ]  # fmt: skip
    table([*found.by, *numbers], rows, right=numbers)


def _mean(one: CostPerQuestion, currency: str) -> str:
    said = f"{one.priced} of {one.n} priced, {currency} {money(one.total)} in all"
    if one.mean is None or one.low is None or one.high is None:
        return f"{said}; under {_FEW} of them tell no mean"
    by = f"95 % by {one.blocks}" + ("" if one.blocks == "day" else f", {one.days} days are too few")
    return (
        f"{said}; mean {one.mean:.6f} [{one.low:.6f}, {one.high:.6f}] ({by}), "
        f"median {one.median:.6f}, p95 {one.p95:.6f}"
    )


def _print_budgets(found: Spending) -> None:
    if not found.budgets:
        say("budgets    none is set: nothing stops or warns ([budget] daily, monthly, key, request)")
        return
    out.print()
    rows = [
        [one.standing.limit.scope, one.standing.limit.name, one.standing.limit.period.isoformat(),
         money(one.standing.spent), money(one.standing.held), money(one.standing.limit.amount), _end(one)]
        for one in found.budgets
    ]  # fmt: skip
    table(["budget", "of", "from", "spent", "held", "limit", ""], rows, right=["spent", "held", "limit"])
    if found.owner:
        say(f"owner      {found.owner}")


def _end(one: BudgetState) -> str:
    if one.over:
        return "SPENT"
    return "lasts" if one.ends is None else f"spent on {one.ends:%Y-%m-%d %H:%M} UTC at this rate"


def _of(part: Decimal, whole: Decimal, name: str) -> str:
    return f" ({part / whole:.1%} of it)" if whole and name == "wasted" else ""


def money(amount: Decimal | float) -> str:
    """With as many decimals as there is money in them."""
    value = float(amount)
    return (
        f"{value:,.2f}"
        if abs(value) >= 100
        else f"{value:,.4f}"
        if abs(value) >= 0.01 or not value
        else f"{value:.6f}"
    )


def spending_record(found: Spending) -> dict[str, Any]:
    """JSON-able; money as decimal strings."""
    return {
        "since": found.period.since.isoformat(),
        "until": found.period.until.isoformat(),
        "tenants": list(found.period.tenants),
        "currency": found.currency,
        "owner": found.owner,
        "by": list(found.by),
        "rows": [_plain(row) for row in found.rows],
        "total": _plain(found.total),
        "unpriced_models": list(found.unpriced),
        "questions": _mean_record(found.questions),
        "evaluations": _mean_record(found.evaluations),
        "budgets": [_budget_record(one) for one in found.budgets],
    }


def _plain(row: Any) -> dict[str, Any]:
    return {key: str(value) if isinstance(value, Decimal) else value for key, value in row.items()}


def _mean_record(one: CostPerQuestion) -> dict[str, Any]:
    return {
        "n": one.n,
        "priced": one.priced,
        "total": str(one.total),
        "mean": one.mean,
        "low": one.low,
        "high": one.high,
        "median": one.median,
        "p95": one.p95,
        "days": one.days,
        "blocks": one.blocks,
    }


def _budget_record(one: BudgetState) -> dict[str, Any]:
    limit = one.standing.limit
    return {
        "scope": limit.scope,
        "name": limit.name,
        "period": limit.period.isoformat(),
        "limit": str(limit.amount),
        "soft": None if limit.soft is None else str(limit.soft),
        "spent": str(one.standing.spent),
        "held": str(one.standing.held),
        "over": one.over,
        "ends": one.ends.isoformat() if one.ends else None,
    }


def print_forecast(found: Forecast) -> None:
    """The volumes with their intervals, what would change them, and what stands behind them."""
    basis = found.basis
    priced = sum(one.cost is not None for one in basis.questions)
    asked = f"{len(basis.questions)} questions in {basis.days:.1f} days"
    say(f"from {asked} ({len(basis.questions) / basis.days:.1f} a day), {priced} of them priced")
    if not found.projections:
        out.print(Text(f"cannot tell: {priced} priced questions, it takes {_FEW}", style="yellow"))
        return
    instead = f", answered by {found.model} (recorded tokens repriced)" if found.model else ""
    out.print(Text(f"{found.currency} in {found.projections[0].days} days{instead}", style="bold"))
    heads = ["volume", "questions", "from cache", "a day", "in all", "95 %", "prices -30 % / +30 %", _other(found)]
    rows = [_volume_row(one, other) for one, other in zip(found.projections, found.other_way, strict=True)]
    table(heads, rows, right=heads[1:])
    _print_curve(found)
    out.print()
    for row in found.drivers[:6]:
        share = "" if row["share"] is None else f"{row['share']:>6.1%}"
        say(f"{share}  {row['use']}  {row['model']}  {row['prompt'] or '–'}  ({row['calls']} calls)")
    say("without infrastructure; the interval knows no trend, no season and no other kind of question")
    say(f"prices: {'; '.join(found.tables) or 'none'}")


def _other(found: Forecast) -> str:
    return "cache off" if found.cache else "cache on"


def _volume_row(one: Projection, other: Projection) -> list[str]:
    hits = "no cache" if one.hits is None else f"{one.hits:.1%}{'*' if one.extrapolated else ''}"
    return [
        f"{one.volume:g}x",
        f"{one.questions:,.0f}",
        hits,
        money(one.a_day),
        money(one.mean),
        f"{money(one.low)} – {money(one.high)}",
        f"{money(one.cheaper)} / {money(one.dearer)}",
        money(other.mean),
    ]


def _print_curve(found: Forecast) -> None:
    if found.curve is None:
        say("no hit curve: fewer than 200 questions with a recorded key; a cache is reckoned to answer none")
        return
    points = ", ".join(
        f"{volume:g}x {hits:.1%}" for volume, hits in found.curve.measured if volume in (0.1, 0.5, 1.0)
    )
    say(f"hits replayed over {found.curve.n} recorded questions: {points}")
    if any(one.extrapolated for one in found.projections):
        say(f"* extrapolated by Heaps' law, distinct questions ~ volume^{found.curve.b:.2f}")


def forecast_record(found: Forecast) -> dict[str, Any]:
    """JSON-able; money as numbers: it is a forecast."""
    basis = found.basis
    curve = found.curve
    return {
        "since": found.period.since.isoformat(),
        "until": found.period.until.isoformat(),
        "currency": found.currency,
        "questions": len(basis.questions),
        "priced": sum(one.cost is not None for one in basis.questions),
        "days_recorded": basis.days,
        "can_tell": bool(found.projections),
        "cache": found.cache,
        "model": found.model,
        "generation": basis.generation,
        "asides_a_day": basis.asides,
        "projections": [_projection_record(one) for one in found.projections],
        "other_way": [_projection_record(one) for one in found.other_way],
        "hits": None
        if curve is None
        else {"n": curve.n, "measured": curve.measured, "log_a": curve.log_a, "b": curve.b, "error": curve.error},
        "drivers": [_plain(row) for row in found.drivers],
        "tables": list(found.tables),
    }


def _projection_record(one: Projection) -> dict[str, Any]:
    return {
        "volume": one.volume,
        "days": one.days,
        "questions": one.questions,
        "hits": one.hits,
        "a_day": one.a_day,
        "mean": one.mean,
        "low": one.low,
        "high": one.high,
        "cheaper": one.cheaper,
        "dearer": one.dearer,
        "extrapolated": one.extrapolated,
    }


def print_prices(found: list[Priced], currency: str) -> None:
    """A line an endpoint; one without a price says so."""
    if not found:
        say("no provider is configured: nothing costs anything")
        return
    heads = ["provider", "model", "input", "cached", "written", "output", "a 1000 searches", "from", "version"]
    rows = [[one.endpoint, one.model, *_rates(one.price), one.where or "UNPRICED", one.version] for one in found]
    say(f"{currency} per million tokens")
    table(heads, rows, right=heads[2:7])
    for one in found:
        for tokens, price in one.price.above if one.price else ():
            say(f"{one.model}, above {tokens:,} input tokens: {' / '.join(_rates(price)[:4])}")


def _rates(price: Price | None) -> list[str]:
    if price is None:
        return ["–"] * 5
    parts = (price.input, price.cached, price.written, price.output, price.search)
    return ["–" if one is None else f"{one.normalize():f}" for one in parts]


def price_record(one: Priced) -> dict[str, Any]:
    """JSON-able; money as decimal strings, None where there is no price."""
    names = ("input", "cached", "written", "output", "search")
    rates = {name: getattr(one.price, name) if one.price else None for name in names}
    return {
        "provider": one.endpoint,
        "model": one.model,
        **{name: None if value is None else str(value) for name, value in rates.items()},
        "from": one.where,
        "version": one.version,
    }
