"""answerable cost: what was spent, what more would cost, and at which prices."""

from __future__ import annotations

import csv
import io
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, write
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.cli.since import since_of
from answerable.cli.writing import write_file
from answerable.core.errors import ConfigError
from answerable.text.cells import cell

if TYPE_CHECKING:
    from answerable.app.costing import Period, Spending
    from answerable.app.forecasting import Forecast
    from answerable.app.paying import Money

T = TypeVar("T")
BUDGET_SPENT = 14

commands = typer.Typer(help="What was spent, what more would cost, and at which prices.", no_args_is_help=True)


class Table(StrEnum):
    """How a table is written to standard output."""

    PRETTY = "pretty"
    JSON = "json"
    CSV = "csv"


TenantOption = Annotated[
    list[str] | None, typer.Option("--tenant", help="Repeatable; the project's own and those with a budget.")
]
SinceOption = Annotated[str, typer.Option("--since", help="7d, 24h, or a day as 2026-11-01 (UTC).")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="cost")


@commands.command("show")
def show(
    by: Annotated[
        str, typer.Option("--by", help="prompt,model,tenant,day,use,key,provider,outcome.")
    ] = "use,model",
    since: SinceOption = "7d",
    tenant: TenantOption = None,
    format: Annotated[Table, typer.Option("--format", help="pretty, json or csv.")] = Table.PRETTY,  # noqa: A002
    export: Annotated[Path | None, typer.Option("--export", help="Write the rows as CSV into this file.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Exit 14 where a budget is spent.")] = False,
    config: ConfigOption = None,
) -> None:
    """What was spent, parted as asked for; a mean per question with its interval, and how the budgets stand."""
    from answerable.app.costing import show as spending  # keeps --help quick
    from answerable.cli.costs import print_spending, spending_record

    names = [name.strip() for name in by.split(",") if name.strip()]
    now = datetime.now(UTC)
    found = project.run(
        _with_books(config, since, tenant, now, lambda money, period: spending(money, period, names, now=now))
    )
    if export is not None:
        write_file(export, as_csv(found))
        note(f"{len(found.rows)} rows in {export}")
    match format:
        case Table.JSON:
            emit_json(spending_record(found))
        case Table.CSV:
            write(as_csv(found))
        case Table.PRETTY:
            print_spending(found)
    raise typer.Exit(BUDGET_SPENT if check and any(one.over for one in found.budgets) else 0)


@commands.command("forecast")
def forecast(
    volume: Annotated[str, typer.Option("--volume", help="Multiples of what was asked.")] = "1x,10x,100x",
    since: SinceOption = "30d",
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="How far ahead.")] = 30,
    model: Annotated[
        str, typer.Option("--model", help="What if this model answered; its price must be known.")
    ] = "",
    cache: Annotated[str, typer.Option("--cache", help="on or off; as configured when not given.")] = "",
    tenant: TenantOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
    config: ConfigOption = None,
) -> None:
    """What the next days will cost at several volumes, with an interval, and what would change that."""
    from answerable.app.forecasting import forecast as forecasting  # keeps --help quick
    from answerable.cli.costs import forecast_record, print_forecast

    volumes = _volumes(volume)
    if cache not in ("", "on", "off"):
        raise ConfigError(f"--cache is on or off, not {cache!r}")
    wanted = None if not cache else cache == "on"

    async def look(money: Money, period: Period) -> Forecast:
        return await forecasting(money, period, volumes, days=days, model=model, cache=wanted)

    found = project.run(_with_books(config, since, tenant, datetime.now(UTC), look))
    if format is Format.JSON:
        emit_json(forecast_record(found))
    else:
        print_forecast(found)


@commands.command("prices")
def prices(
    model: Annotated[str, typer.Argument(help="At every configured endpoint; each one's own when left out.")] = "",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """The prices in force per million tokens, with the version of their table and where each comes from."""
    from answerable.app.price_list import prices as listed  # keeps --help quick
    from answerable.cli.costs import price_record, print_prices

    one = project.project(config)
    found = listed(one, model)
    if format is Format.JSON:
        emit_json([price_record(each) for each in found])
    else:
        print_prices(found, one.settings.budget.currency)


def as_csv(found: Spending) -> str:
    """One line a row; money as it is kept, to the last digit."""
    columns = [
        *found.by,
        "calls",
        "traces",
        "hits",
        "unpriced",
        "input",
        "cached",
        "output",
        "cost",
        "wasted",
        "saved",
    ]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*columns, "currency"])
    for row in found.rows or (found.total,):
        writer.writerow([_written(row[name]) for name in columns] + [found.currency])
    return file.getvalue()


def _written(value: object) -> object:
    return cell(value) if isinstance(value, str) else value


async def _with_books(
    config: Path | None,
    since: str,
    tenant: list[str] | None,
    now: datetime,
    look: Callable[[Money, Period], Awaitable[T]],
) -> T:
    from answerable.app.costing import Period, open_books, tenants_of  # keeps --help quick

    one = project.project(config)
    async with open_books(one) as money:
        return await look(
            money, Period(since=since_of(since, now), until=now, tenants=tenants_of(one, tenant or ()))
        )


def _volumes(text: str) -> list[float]:
    try:
        found = [float(one.strip().lower().removesuffix("x")) for one in text.split(",")]
    except ValueError as error:
        raise ConfigError(f"--volume {text!r} holds no multiples", hint="1x,10x,100x") from error
    if not all(0.0 < one <= 1e6 for one in found):
        raise ConfigError(f"--volume {text!r}: each is above 0 and at most a million")
    return found
