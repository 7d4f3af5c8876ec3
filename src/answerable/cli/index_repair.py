"""answerable index repair: bring the vectors in step with the documents."""

from __future__ import annotations

from pathlib import Path

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, say
from answerable.cli.options import ConfigOption, Format, FormatOption


def register(commands: typer.Typer) -> None:
    """Add the command to `answerable index`."""
    commands.command("repair")(repair)


def repair(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Make missing vectors anew, send what waits, delete what is nobody's. Safe at any time, twice is once.

    Also after `store.kind` was changed, to there or back. Exit 5 when something is left.
    """
    found, left, faults = project.run(_repair(config))
    if format is Format.JSON:
        emit_json({"found": found, "left": left})
    else:
        say(f"{'':<28} {'found':>8} {'left':>8}")
        for name, count in found.items():
            say(f"{name:<28} {count:>8} {left[name]:>8}")
    raise typer.Exit(5 if faults else 0)


async def _repair(config: Path | None) -> tuple[dict[str, int], dict[str, int], int]:
    from answerable.app.vector_drift import counts_of, repair_vectors  # keeps --help quick

    async with project.system(config) as system:
        found, left = await repair_vectors(system)
        return counts_of(found), counts_of(left), left.faults
