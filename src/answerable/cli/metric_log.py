"""answerable metric export, backfill and count: what goes out of the log of metrics, and into it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say, write
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.cli.since import since_of
from answerable.cli.writing import write_file
from answerable.monitor.definitions import METRICS, definition

if TYPE_CHECKING:
    from answerable.app.metrics.backfilling import Backfilled
    from answerable.app.metrics.rolling_up import RolledUp
    from answerable.monitor.measured import MetricTable

_EVERY = 5000  # answers between two lines of progress
SinceOption = Annotated[str, typer.Option("--since", help="28d, 24h, or a day as 2026-11-01 (UTC).")]


class Exported(StrEnum):
    """How metrics are written."""

    CSV = "csv"
    JSON = "json"


def add(commands: typer.Typer) -> None:
    """To `answerable metric`."""
    commands.command("export")(export)
    commands.command("backfill")(backfill)
    commands.command("count")(count)


def export(
    names: Annotated[
        list[str] | None, typer.Argument(help="As `metric list` has them; all when not given.")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Dimensions with commas; those that a metric has.")] = "day",
    since: SinceOption = "28d",
    format: Annotated[Exported, typer.Option("--format", help="csv or json.")] = Exported.CSV,  # noqa: A002
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Into this file.")] = None,
    config: ConfigOption = None,
) -> None:
    """Many metrics in one file: one line a number, with its n and interval; breakdowns of few persons left out.

    Examples: `answerable metric export -o metrics.csv` · `answerable metric export completion harm --by topic
    --format json`
    """
    from answerable.cli.metrics import as_csv  # keeps --help quick
    from answerable.monitor.records import table_record

    wanted = [definition(name).name for name in names or METRICS]
    parted = tuple(one.strip() for one in by.split(",") if one.strip())
    now = datetime.now(UTC)
    tables = project.run(_export(config, wanted, parted, since_of(since, now), now))
    if format is Exported.CSV:
        text = as_csv(tables)
    else:
        text = json.dumps([table_record(one) for one in tables], ensure_ascii=False, indent=2) + "\n"
    if output is None:
        write(text)
    else:
        write_file(output, text)
        note(f"written to {output}")


async def _export(
    config: Path | None, names: list[str], by: tuple[str, ...], since: datetime, until: datetime
) -> list[MetricTable]:
    from answerable.app.metrics.measuring import measured, open_sources  # keeps --help quick
    from answerable.cli.metric import counted

    async with open_sources(project.project(config)) as sources:
        await counted(sources, "completion", until)
        span = sources.span(since, until)
        found = []
        for name in names:
            dimensions = METRICS[name].dimensions
            found.append(await measured(sources, name, span, [one for one in by if one in dimensions]))
        return found


def backfill(
    since: SinceOption = "90d",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Tell the log of answers that were given before there was one; again is no harm.

    Example: `answerable metric backfill --since 90d`
    """
    now = datetime.now(UTC)
    found = project.run(_backfill(config, since_of(since, now), now))
    if format is Format.JSON:
        emit_json({"answers": found.answers, "events": found.events})
        return
    say(f"{found.answers} answers told of in {found.events} new events")
    note("tasks are made of them by the job that closes tasks; days are counted by `answerable metric count`")


async def _backfill(config: Path | None, since: datetime, now: datetime) -> Backfilled:
    from answerable.adapters.postgres.events import PostgresEvents  # keeps --help quick
    from answerable.adapters.postgres.past_answers import PostgresPastAnswers
    from answerable.app.database import open_database
    from answerable.app.event_log import ring_of
    from answerable.app.metrics.backfilling import Backfill

    one = project.project(config)
    async with open_database(one) as database:
        work = Backfill(
            past=PostgresPastAnswers(database=database),
            events=PostgresEvents(database, spool=one.state / "spool" / "backfill"),
            ring=ring_of(one, database),
            known=one.settings.telemetry.events.person != "off",
        )
        return await work.run(one.settings.project.tenant, since, now, now=now, seen=_seen)


def _seen(done: int, of: int) -> None:
    if done % _EVERY == 0 or done >= of:
        note(f"{done} of {of} answers")


def count(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Count the days of which something came since the last time, as the job does every five minutes.

    Example: `answerable metric count`
    """
    found = project.run(_count(config, datetime.now(UTC)))
    if format is Format.JSON:
        emit_json({"days": found.days, "weeks": found.weeks, "skipped": found.skipped})
    else:
        say(f"{found.days} days and {found.weeks} weeks counted, {found.skipped} too old to be counted anew")


async def _count(config: Path | None, now: datetime) -> RolledUp:
    from answerable.app.metrics.measuring import open_sources  # keeps --help quick
    from answerable.app.metrics.rolling_up import rebuilt_days, roll_up

    async with open_sources(project.project(config)) as sources:
        settings = sources.project.settings
        days = rebuilt_days(settings.retention)
        return await roll_up(sources.tallies, tenant=settings.project.tenant, now=now, rebuilt_days=days)
