"""answerable metric: how production goes, by prompt, version, language, model and day."""

from __future__ import annotations

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
from answerable.monitor.definition import DIMENSIONS
from answerable.monitor.definitions import METRICS, definition

if TYPE_CHECKING:
    from answerable.monitor.measured import MetricTable

commands = typer.Typer(
    help="How production goes: quality, refusals, latency, tokens, cost, feedback.", no_args_is_help=True
)


class Shape(StrEnum):
    """How a measured metric is written."""

    PRETTY = "pretty"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="metric")


@commands.command("list")
def list_metrics(format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Every metric with what it says.

    Example: `answerable metric list`
    """
    if format is Format.JSON:
        from answerable.cli.metrics import definition_record  # keeps --help quick

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
    from answerable.cli.metrics import definition_record, print_definition  # keeps --help quick

    what = definition(name)
    if format is Format.JSON:
        emit_json(definition_record(what))
    else:
        print_definition(what)


@commands.command("show")
def show(
    name: Annotated[str, typer.Argument(help="As `metric list` has it.")],
    by: Annotated[
        str, typer.Option("--by", help=f"{','.join(DIMENSIONS)}; several with commas.")
    ] = "prompt.version",
    since: Annotated[str, typer.Option("--since", help="28d, 24h, or a day as 2026-11-01 (UTC).")] = "28d",
    prompt: Annotated[str, typer.Option("--prompt", help="Only of this prompt, e.g. answer.")] = "",
    format: Annotated[Shape, typer.Option("--format", help="pretty, json, csv or html.")] = Shape.PRETTY,  # noqa: A002
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Into this file.")] = None,
    config: ConfigOption = None,
) -> None:
    """A metric in production, every number with its n and its interval. html: a page with a chart by day.

    Examples: `answerable metric show quality --by prompt.version` · `answerable metric show latency --by
    prompt.version,day --since 7d --format csv` · `answerable metric show refusals --format html -o refusals.html`
    """
    from answerable.cli import metrics  # keeps --help quick

    wanted = definition(name).parted([one.strip() for one in by.split(",") if one.strip()])
    now = datetime.now(UTC)
    start = since_of(since, now)
    if format is Shape.HTML:
        _write(project.run(_page(config, name, wanted, start, now, prompt)), output)
        return
    found = project.run(_measure(config, name, wanted, start, now, prompt))
    match format:
        case Shape.JSON:
            _write(metrics.as_json(found), output)
        case Shape.CSV:
            _write(metrics.as_csv(found), output)
        case Shape.PRETTY:
            metrics.print_table(found)


async def _measure(
    config: Path | None, name: str, by: tuple[str, ...], since: datetime, until: datetime, prompt: str
) -> MetricTable:
    from answerable.app.metrics.measuring import measured, open_sources  # keeps --help quick

    async with open_sources(project.project(config)) as sources:
        return await measured(sources, name, sources.span(since, until, prompt=prompt), by)


async def _page(
    config: Path | None, name: str, by: tuple[str, ...], since: datetime, until: datetime, prompt: str
) -> str:
    from answerable.app.metrics.measuring import open_sources  # keeps --help quick
    from answerable.app.metrics.version_board import metric_page

    async with open_sources(project.project(config)) as sources:
        return await metric_page(sources, name, sources.span(since, until, prompt=prompt), by)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        write(text)
        return
    write_file(output, text)
    note(f"written to {output}")
