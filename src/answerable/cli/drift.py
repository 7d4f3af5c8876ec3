"""answerable drift: what changed in production, since when, and through whom."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.cli.since import since_of

if TYPE_CHECKING:
    from answerable.app.drift.daily import DriftReport
    from answerable.app.drift.topic_job import Group
    from answerable.monitor.drift.finding import Finding
    from answerable.monitor.topics import Topics

commands = typer.Typer(help="What changed in production, since when, and through whom.", no_args_is_help=True)
_SINCE = Annotated[str, typer.Option("--since", help="28d, 24h, or a day as 2026-11-01 (UTC).")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="drift")


@commands.command("triage")
def triage(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Look now, as the daily job does: fold the events, find changes, tell of those that are new.

    Example: `answerable drift triage`
    """
    report = project.run(_triaged(config))
    if format is Format.JSON:
        emit_json(_record(report, report.new))
        return
    say(report.sentence)


@commands.command("show")
def show(since: _SINCE = "28d", config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Every change since then, each with its interval and its cause; writes nothing.

    Example: `answerable drift show --since 7d`
    """
    start = since_of(since, datetime.now(UTC))
    report = project.run(_found(config))
    found = [one for one in report.found if one.headline.start >= start]
    if format is Format.JSON:
        emit_json(_record(report, found))
        return
    if found:
        heads = ["since", "between", "signal", "before", "after", "n", "cause", "sure"]
        table(heads, [row for one in found for row in _rows(one)])
        say("")
    for one in found:
        say(one.sentence(report.timezone))
    say(report.sentence)
    note(f"{report.signals} signals looked at; what each counts: docs/monitoring/drift.md")


@commands.command("topics")
def topics(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Cluster the questions of the last weeks anew, as the weekly job does; topics that go on keep their ids.

    Example: `answerable drift topics`
    """
    made = project.run(_made(config))
    if format is Format.JSON:
        emit_json([asdict(one) for one in made.topics])
        return
    rows = [[one.id, one.label, one.size, one.persons] for one in made.topics]
    table(["id", "topic", "questions", "persons"], rows)
    note(f"version {made.version}; fewer than five persons or questions are no topic")


@commands.command("gaps")
def gaps(
    new: Annotated[bool, typer.Option("--new", help="Instead: what is far from every case.")] = False,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Questions that got no answer, by kind, the largest first, with the documents that are nearest.

    Examples: `answerable drift gaps` · `answerable drift gaps --new`
    """
    found = project.run(_gaps(config, new))
    if format is Format.JSON:
        emit_json([asdict(one) for one in found])
        return
    for one in found:
        far = "" if one.distance is None else f", {one.distance:.2f} from the nearest case"
        say(f"{one.size} questions of {one.persons} persons: {one.name or 'unnamed'}{far}")
        for text, trace in zip(one.examples, one.traces, strict=True):
            say(f"    {text}  ({trace})")
        if one.nearest:
            say(f"    nearest: {'; '.join(one.nearest)}")
    note(f"{len(found)} kinds")


async def _made(config: Path | None) -> Topics:
    from answerable.app.drift.topic_job import make_topics  # keeps --help quick

    async with project.system(config) as system:
        return await make_topics(system, now=datetime.now(UTC))


async def _gaps(config: Path | None, new: bool) -> list[Group]:
    from answerable.app.drift.topic_job import gaps, new_inputs  # keeps --help quick

    async with project.system(config) as system:
        return await (new_inputs if new else gaps)(system, now=datetime.now(UTC))


async def _triaged(config: Path | None) -> DriftReport:
    from answerable.app.drift.daily import drift_daily  # keeps --help quick
    from answerable.app.drift.parts import drift_parts

    async with project.system(config) as system:
        return await drift_daily(drift_parts(system), now=datetime.now(UTC))


async def _found(config: Path | None) -> DriftReport:
    from answerable.app.drift.daily import findings  # keeps --help quick
    from answerable.app.drift.parts import drift_parts

    async with project.system(config) as system:
        return await findings(drift_parts(system), now=datetime.now(UTC))


def _rows(one: Finding) -> list[list[str]]:
    return [
        [
            f"{shift.start:%Y-%m-%d %H:%M}",
            f"{shift.earliest:%m-%d %H:%M} – {shift.latest:%m-%d %H:%M}",
            shift.signal.name,
            shift.signal.said(shift.before),
            shift.signal.said(shift.after),
            f"{shift.n:,}",
            one.blame.cause.value if not n else "",
            one.blame.sure.value if not n else "",
        ]
        for n, shift in enumerate(one.shifts)
    ]


def _record(report: DriftReport, found: Any) -> dict[str, Any]:
    return {
        "since": report.since.isoformat(),
        "until": report.until.isoformat(),
        "sentence": report.sentence,
        "signals": report.signals,
        "answers": report.answers,
        "found": [_finding_record(one, report.timezone) for one in found],
    }


def _finding_record(one: Finding, timezone: str) -> dict[str, Any]:
    return {
        "sentence": one.sentence(timezone),
        "cause": one.blame.cause.value,
        "sure": one.blame.sure.value,
        "why": one.blame.why,
        "only": one.blame.only,
        "shifts": [
            {
                "signal": shift.signal.name,
                "start": shift.start.isoformat(),
                "earliest": shift.earliest.isoformat(),
                "latest": shift.latest.isoformat(),
                "known": shift.known.isoformat(),
                "before": shift.before,
                "after": shift.after,
                "n_before": shift.n_before,
                "n": shift.n,
                "low": shift.low,
                "high": shift.high,
                "evidence": shift.evidence,
            }
            for shift in one.shifts
        ],
    }
