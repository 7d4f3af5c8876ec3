"""answerable report: pages for people outside of the team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, out, say
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.cli.writing import write_file

if TYPE_CHECKING:
    from answerable.app.jobs.board import JobRow
    from answerable.app.reports.facts import Facts
    from answerable.app.reports.paper import Paper
    from answerable.app.security.report import SecurityReport

commands = typer.Typer(help="Reports for people outside of the team.", no_args_is_help=True)

UntilOption = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="The end, in UTC; now where it is not said."),
]
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


@commands.command("stakeholder")
def stakeholder(
    html: Annotated[Path, typer.Option(help="Where the page is written; print it on A4, or save it as PDF.")],
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days it is of.")] = 28,
    until: UntilOption = None,
    config: ConfigOption = None,
) -> None:
    """One page in plain words: what it does, how well, what it costs, what went wrong, what is next.

    Nothing is said that was not measured; an appendix has the figures with their names.

    Example: `answerable report stakeholder --html november.html`
    """
    from answerable.app.reports.pages import stakeholder_page
    from answerable.app.reports.stakeholder import stakeholder_report

    facts, _ = project.run(_facts(config, days, _end(until)))
    page = stakeholder_page(
        stakeholder_report(facts), at=datetime.now(UTC), version=metadata.version("answerable")
    )
    write_file(html, page)
    note(f"wrote {html}")


@commands.command("weekly")
def weekly(
    html: Annotated[Path | None, typer.Option(help="Write it as a page, too.")] = None,
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days it is of.")] = 7,
    until: UntilOption = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """The five numbers against the time before, what changed, what went wrong, what waits for somebody.

    Example: `answerable report weekly --html week.html`
    """
    from answerable.app.reports.weekly import weekly_report

    facts, jobs = project.run(_facts(config, days, _end(until)))
    _give(weekly_report(facts, jobs), html, None, format)


@commands.command("system-card")
def system_card(
    html: Annotated[Path | None, typer.Option(help="Write it as a page, too.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write it as Markdown, too.")] = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """What the system is made of, what it was tested with, what it may not do and what is not known of it.

    From the live configuration, prompts, index, evaluations and production. Example:
    `answerable report system-card --markdown docs/system-card.md`
    """
    _give(project.run(_card(config)), html, markdown, format)


def _give(paper: Paper, html: Path | None, markdown: Path | None, format: Format) -> None:  # noqa: A002
    from answerable.app.reports.paper import to_lines, to_markdown, to_page

    if format is Format.JSON:
        emit_json(asdict(paper))
    else:
        for line in to_lines(paper):
            say(line)
    for path, write in ((html, to_page), (markdown, to_markdown)):
        if path is not None:
            write_file(path, write(paper))
            note(f"wrote {path}")


def _end(until: datetime | None) -> datetime:
    return datetime.now(UTC) if until is None else until.replace(tzinfo=UTC)


async def _facts(config: Path | None, days: int, now: datetime) -> tuple[Facts, Sequence[JobRow]]:
    from answerable.app.jobs.working import make_board
    from answerable.app.reports.facts import fact_parts, read_facts

    async with project.system(config) as system:
        facts = await read_facts(await fact_parts(system), now=now, days=days)
        return facts, await make_board(system.database, system.settings).rows(datetime.now(UTC))


async def _card(config: Path | None) -> Paper:
    from answerable.app.reports.system_card import system_card

    async with project.system(config) as system:
        return await system_card(system, now=datetime.now(UTC), version=metadata.version("answerable"))


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
