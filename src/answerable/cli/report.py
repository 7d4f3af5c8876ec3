"""answerable report: pages for people outside of the team."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, out, say
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.cli.writing import write_file

if TYPE_CHECKING:
    from answerable.app.security.report import SecurityReport

commands = typer.Typer(help="Reports for people outside of the team.", no_args_is_help=True)

_MARK = {"ok": "ok  ", "warn": "note", "fail": "FAIL"}
_STYLE = {"ok": "green", "warn": "yellow", "fail": "red"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="report")


@commands.callback()
def reports() -> None:
    """Reports for people outside of the team."""


@commands.command("security")
def security(
    html: Annotated[Path | None, typer.Option(help="Write the report as a page, too.")] = None,
    sbom: Annotated[
        Path | None, typer.Option(help="Write what this installation runs on, as CycloneDX JSON, too.")
    ] = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Guards, red team, quarantine, audit log, credentials and exposure, from the live configuration and data.

    It reads and changes nothing. Exit 0; 15 when the chain of the audit log is broken.
    """
    from answerable.app.security.report import report_record

    report = project.run(_report(config))
    if format is Format.JSON:
        emit_json(report_record(report))
    else:
        _print(report)
    if html is not None:
        from answerable.app.security.page import to_html

        write_file(html, to_html(report))
        note(f"wrote {html}")
    if sbom is not None:
        _write_bill(sbom)
    raise typer.Exit(15 if any(one.state == "fail" for one in report.concerns) else 0)


async def _report(config: Path | None) -> SecurityReport:
    from answerable.app.security.report import security_report

    async with project.system(config) as system:
        return await security_report(system, version=metadata.version("answerable"))


def _write_bill(path: Path) -> None:
    import json

    from answerable.app.bill import bill

    write_file(path, json.dumps(bill(), indent=2) + "\n")
    note(f"wrote {path}")


def _print(report: SecurityReport) -> None:
    say(f"{report.project}, answerable {report.version}, {report.at:%Y-%m-%d %H:%M} UTC")
    for part in report.parts:
        say(f"\n{part.title}")
        for one in part.findings:
            out.print(f"  {_MARK[one.state]}", style=_STYLE[one.state], end=" ")
            say(f"{one.what:<22} {one.detail}")
            if one.fix and one.state != "ok":
                say(f"       {'':<22} → {one.fix}")
    say(f"\n{len(report.concerns)} to look at")
