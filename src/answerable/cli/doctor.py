"""answerable doctor: what works, what does not, and what is still a default."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, out, say
from answerable.cli.options import ConfigOption, Format, FormatOption

if TYPE_CHECKING:
    from answerable.app.diagnosis import Finding

_MARK = {"ok": "ok  ", "warn": "note", "fail": "FAIL"}
_STYLE = {"ok": "green", "warn": "yellow", "fail": "red"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Check configuration, database, model, index and guards; each problem with its fix.

    Exit 0 when nothing failed, 4 when a dependency does not answer, 1 otherwise.
    """
    found = project.run(_diagnose(config))
    if format is Format.JSON:
        emit_json([{"what": one.what, "state": one.state, "detail": one.detail, "fix": one.fix} for one in found])
    else:
        for one in found:
            _print(one)
    failed = [one for one in found if one.state == "fail"]
    raise typer.Exit(max((one.exit_code for one in failed), default=0))


async def _diagnose(config: Path | None) -> list[Finding]:
    from answerable.app.diagnosis import diagnose  # keeps --help quick

    return await diagnose(project.project(config))


def _print(one: Finding) -> None:
    out.print(_MARK[one.state], style=_STYLE[one.state], end=" ")
    say(f"{one.what:<12} {one.detail}")
    if one.fix and one.state != "ok":
        say(f"     {'':<12} → {one.fix}")
