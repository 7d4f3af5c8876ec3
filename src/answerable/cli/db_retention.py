"""answerable db retention: delete what is older than it may be."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say
from answerable.cli.db import commands
from answerable.cli.options import ConfigOption, Format, FormatOption


def register(app: typer.Typer) -> None:
    """The noun is registered by db.py; its command is added when this module is imported."""


@commands.command("retention")
def retention(
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only the counts.")] = False,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Delete what is older than [retention] says. A served process does it once a day.

    Example: `answerable db retention --yes`
    """
    rows = project.run(_purge(config, dry=not yes))
    if format is Format.JSON:
        emit_json({"done": yes, "rows": rows})
        return
    for name, count in rows.items():
        say(f"{name:<14} {count}")
    note("deleted" if yes else "nothing was deleted; with --yes it is")


async def _purge(config: Path | None, *, dry: bool) -> dict[str, int]:
    from answerable.app.retention import purge_old  # keeps --help quick

    async with project.system(config) as system:
        return await purge_old(system.database, system.settings, dry=dry)
