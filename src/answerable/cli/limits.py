"""answerable limits: who has used how much of what may be asked and seen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, table
from answerable.cli.options import ConfigOption, Format, FormatOption

commands = typer.Typer(help="Who has used how much of the limits.", no_args_is_help=True)
PayerArgument = Annotated[str, typer.Argument(help="A person's or a token's id.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="limits")


@commands.command("show")
def show(payer: PayerArgument, config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """What somebody has used of each limit, and how many different passages they were shown.

    Example: `answerable limits show ada`
    """
    rows = project.run(_standing(config, payer))
    if format is Format.JSON:
        emit_json(rows)
        return
    table(
        ["limit", "used", "of", "in"],
        [[one["limit"], f"{one['used']:.0f}", f"{one['most']:g}", f"{one['period_s']} s"] for one in rows],
        right=["used", "of"],
    )


@commands.command("reset")
def reset(payer: PayerArgument, config: ConfigOption = None) -> None:
    """Start all counters of somebody anew. It is in the audit log and among the happenings.

    Example: `answerable limits reset ada`
    """
    note(f"{project.run(_reset(config, payer))} counters of {payer} start anew")


async def _standing(config: Path | None, payer: str) -> list[dict[str, Any]]:
    from answerable.app.limiting import standing  # half a second of imports that `--help` need not wait for

    async with project.system(config) as system:
        return await standing(system, payer)


async def _reset(config: Path | None, payer: str) -> int:
    from answerable.app.limiting import start_anew

    async with project.system(config) as system:
        return await start_anew(system, payer)
