"""answerable index: what the index holds."""

from __future__ import annotations

from pathlib import Path

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, say
from answerable.cli.options import ConfigOption, Format, FormatOption

commands = typer.Typer(help="What the index holds.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="index")


@commands.command("status")
def status(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Documents, chunks, failures and the embedding model."""
    found = project.run(_status(config))
    if format is Format.JSON:
        emit_json(found)
        return
    for key, value in found.items():
        say(f"{key:<12} {value}")


async def _status(config: Path | None) -> dict[str, object]:
    async with project.system(config) as system:
        counts = await system.documents.counts(tenant=system.settings.project.tenant)
        return {**counts, "embedding": system.embedder.model.key}
