"""answerable trace: the story of a question."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, table
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.cli.traces import print_trace

commands = typer.Typer(help="The story of a question.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="trace")


@commands.command("list")
def list_traces(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many, newest first.")] = 20,
    outcome: Annotated[str, typer.Option(help="Only this outcome, e.g. abstained.")] = "",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """The latest questions with their outcomes."""
    found = project.run(_list(config, limit, outcome or None))
    if format is Format.JSON:
        emit_json(found)
        return
    if not found:
        note("no traces yet")
        return
    table(
        ["trace", "at", "outcome", "ms", "question"],
        [
            [one["id"], str(one["started_at"])[:19], one["outcome"], round(one["total_ms"]), one["question"]]
            for one in found
        ],
        right=["ms"],
    )


@commands.command("show")
def show(
    reference: Annotated[str, typer.Argument(help="The id, a unique beginning of it, or `latest`.")] = "latest",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Everything about one question: steps with times, candidates with reasons, the prompt, what was withheld."""
    found = project.run(_show(config, reference))
    if format is Format.JSON:
        emit_json(found)
    else:
        print_trace(found)


async def _list(config: Path | None, limit: int, outcome: str | None) -> list[dict[str, Any]]:
    async with project.system(config) as system:
        return await system.journal.traces(tenant=system.settings.project.tenant, limit=limit, outcome=outcome)


async def _show(config: Path | None, reference: str) -> dict[str, Any]:
    async with project.system(config) as system:
        return await system.journal.trace(tenant=system.settings.project.tenant, reference=reference)
