"""answerable metric: how production goes, by prompt, version, language, model and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, table, write
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.cli.since import since_of
from answerable.cli.writing import write_file
from answerable.core.errors import ConfigError
from answerable.monitor.definition import DIMENSIONS, Definition
from answerable.monitor.definitions import METRICS, definition

if TYPE_CHECKING:
    from answerable.app.metrics.measuring import Sources
    from answerable.monitor.measured import MetricTable

commands = typer.Typer(
    help="How production goes: completion, escalation, satisfaction, harm, cost, and what stands behind them.",
    no_args_is_help=True,
)
SinceOption = Annotated[str, typer.Option("--since", help="28d, 24h, or a day as 2026-11-01 (UTC).")]


class Shape(StrEnum):
    """How a measured metric is written."""

    PRETTY = "pretty"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    from answerable.cli import metric_log  # adds its own to `commands`

    metric_log.add(commands)
    app.add_typer(commands, name="metric")


@commands.command("list")
def list_metrics(format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Every metric with what it says.

    Example: `answerable metric list`
    """
    if format is Format.JSON:
        from answerable.monitor.records import definition_record  # keeps --help quick

        emit_json([definition_record(one) for one in METRICS.values()])
        return
    table(["metric", "says", "numbers"], [[one.name, one.says, len(one.parts)] for one in METRICS.values()])


@commands.command("explain")
def explain(
    name: Annotated[str, typer.Argument(help="As `metric list` has it.")],
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """What a metric is: each number's formula, its interval, where it is read from, and what it cannot tell.

    Example: `answerable metric explain quality`
    """
    from answerable.cli.metrics import print_definition  # keeps --help quick
    from answerable.monitor.records import definition_record

    what = definition(name)
    if format is Format.JSON:
        emit_json(definition_record(what))
    else:
        print_definition(what)


@commands.command("show")
def show(
    name: Annotated[str, typer.Argument(help="As `metric list` has it.")],
    by: Annotated[
        str | None,
        typer.Option("--by", help=f"{','.join(DIMENSIONS)}; several with commas; as is usual when not given."),
    ] = None,
    since: SinceOption = "28d",
    prompt: Annotated[str, typer.Option("--prompt", help="Only of this prompt, e.g. answer.")] = "",
    against: Annotated[str, typer.Option("--against", help="previous: as long a time before; what changed.")] = "",
    items: Annotated[
        str,
        typer.Option("--items", help="The raw items behind a number, e.g. failed, as `metric explain` has it."),
    ] = "",
    project_to: Annotated[
        str, typer.Option("--project", help="Of a cost: at so many times the volume, 10x.")
    ] = "",
    format: Annotated[Shape, typer.Option("--format", help="pretty, json, csv or html.")] = Shape.PRETTY,  # noqa: A002
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Into this file.")] = None,
    config: ConfigOption = None,
) -> None:
    """A metric in production, every number with its n and its interval. html: a page with a chart by day.

    Examples: `answerable metric show completion --by topic` · `answerable metric show completion --items failed` ·
    `answerable metric show cost --project 10x` · `answerable metric show latency --by prompt.version,day
    --format csv` · `answerable metric show refusals --format html -o refusals.html`
    """
    what = definition(name)
    usual = ",".join(what.usual_by) if by is None else by
    wanted = what.parted([one.strip() for one in usual.split(",") if one.strip()])
    _check(against, project_to, what)
    now = datetime.now(UTC)
    asked = Asked(name=name, by=wanted, since=since_of(since, now), until=now, prompt=prompt)
    if items:
        project.run(_items(config, asked, items, format is Shape.JSON))
    elif format is Shape.HTML:
        _write(project.run(_page(config, asked)), output)
    else:
        found, before = project.run(_measure(config, asked, against=bool(against)))
        _told(found, before, format, output)
        if project_to:
            from answerable.cli.cost import forecast  # keeps --help quick

            forecast(volume=project_to, since=since, config=config)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be measured."""

    name: str
    by: tuple[str, ...]
    since: datetime
    until: datetime
    prompt: str = ""


def _check(against: str, project_to: str, what: Definition) -> None:
    if against not in ("", "previous"):
        raise ConfigError(f"--against is previous, not {against!r}")
    if project_to and what.name not in ("cost", "task_cost"):
        raise ConfigError(
            f"{what.name} is no cost: it cannot be projected", hint="metric show task_cost --project 10x"
        )


def _told(found: MetricTable, before: MetricTable | None, shape: Shape, output: Path | None) -> None:
    from answerable.cli import metrics  # keeps --help quick

    match shape:
        case Shape.JSON:
            _write(metrics.as_json(found, before), output)
        case Shape.CSV:
            _write(metrics.as_csv([found]), output)
        case _:
            metrics.print_table(found)
            if before is not None:
                metrics.print_changes(found, before)


async def _measure(config: Path | None, asked: Asked, *, against: bool) -> tuple[MetricTable, MetricTable | None]:
    from answerable.app.metrics.measuring import measured, open_sources  # keeps --help quick

    async with open_sources(project.project(config)) as sources:
        await counted(sources, asked.name, asked.until)
        span = sources.span(asked.since, asked.until, prompt=asked.prompt)
        found = await measured(sources, asked.name, span, asked.by)
        if not against:
            return found, None
        earlier = sources.span(asked.since - (asked.until - asked.since), asked.since, prompt=asked.prompt)
        return found, await measured(sources, asked.name, earlier, asked.by)


async def _page(config: Path | None, asked: Asked) -> str:
    from answerable.app.metrics.measuring import open_sources  # keeps --help quick
    from answerable.app.metrics.version_board import metric_page

    async with open_sources(project.project(config)) as sources:
        await counted(sources, asked.name, asked.until)
        span = sources.span(asked.since, asked.until, prompt=asked.prompt)
        return await metric_page(sources, asked.name, span, asked.by)


async def _items(config: Path | None, asked: Asked, items: str, as_values: bool) -> None:
    from answerable.app.metrics.behind import items_behind  # keeps --help quick
    from answerable.app.metrics.measuring import open_sources
    from answerable.cli.metrics import print_items

    async with open_sources(project.project(config)) as sources:
        span = sources.span(asked.since, asked.until, prompt=asked.prompt)
        found = await items_behind(sources, asked.name, items, span)
    if as_values:
        emit_json(found)
    else:
        print_items(found)


async def counted(sources: Sources, name: str, now: datetime) -> None:
    """Count what was touched since the job ran last, so that what is shown is what there is."""
    from answerable.app.metrics.rolling_up import rebuilt_days, roll_up  # keeps --help quick
    from answerable.app.metrics.tallied import RECIPES

    if name in RECIPES:
        settings = sources.project.settings
        days = rebuilt_days(settings.retention)
        await roll_up(sources.tallies, tenant=settings.project.tenant, now=now, rebuilt_days=days)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        write(text)
        return
    write_file(output, text)
    note(f"written to {output}")
