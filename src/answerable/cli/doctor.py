"""answerable doctor: what works, what does not, and what is still a default."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, out, say
from answerable.cli.options import ConfigOption, Format, FormatOption

if TYPE_CHECKING:
    from answerable.app.diagnosis import Finding
    from answerable.app.readiness import Line

_MARK = {"ok": "ok  ", "warn": "note", "fail": "FAIL"}
_STYLE = {"ok": "green", "warn": "yellow", "fail": "red"}
_VERDICT = {"pass": "green", "fail": "red", "unmeasured": "yellow"}
NOT_READY = 16


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(
    production: Annotated[
        bool,
        typer.Option(
            "--production", help="Is it robust, fast, affordable, trustworthy, safe with data? 16: not yet."
        ),
    ] = False,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Check configuration, database, model, index and guards; each problem with its fix.

    Exit 0 when nothing failed, 4 when a dependency does not answer, 1 otherwise. With --production each line has
    what was measured, its limit ([production]), and what would measure it: unmeasured is no pass, and exits 16.
    """
    if production:
        _tell_readiness(project.run(_look(config)), format)
        return
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


async def _look(config: Path | None) -> list[Line]:
    from answerable.app.looking import look
    from answerable.app.readiness import lines_of

    async with project.system(config) as system:
        return lines_of(await look(system, now=datetime.now(UTC)))


def _tell_readiness(lines: list[Line], format: Format) -> None:  # noqa: A002
    from answerable.app.readiness import is_ready

    if format is Format.JSON:
        emit_json({"ready": is_ready(lines), "lines": [asdict(one) for one in lines]})
    else:
        _print_lines(lines)
    raise typer.Exit(0 if is_ready(lines) else NOT_READY)


def _print_lines(lines: list[Line]) -> None:
    axis = ""
    for one in lines:
        if one.axis != axis:
            axis = one.axis
            say(f"\n{axis}" if one is not lines[0] else axis)
        out.print(f"  {one.verdict.value:<11}", style=_VERDICT[one.verdict.value], end="")
        say(f"{one.what:<42} {one.measured}; limit: {one.limit}")
        if one.verdict.value != "pass":
            say(f"  {'':<11}→ {one.command}")
    counts = Counter(one.verdict.value for one in lines)
    say(f"\n{', '.join(f'{counts[name]} {name}' for name in _VERDICT)}")
