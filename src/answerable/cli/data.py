"""answerable data: what is wrong with the documents, and where two of them contradict each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, err, note, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.cli.writing import write_file
from answerable.core.conflict import ConflictState, DocumentConflict
from answerable.core.errors import ConfigError

if TYPE_CHECKING:
    from answerable.app.data import ConflictSearch, DataReport, Observer
    from answerable.config.settings import Settings
    from answerable.ingest.quality.finding import Finding

commands = typer.Typer(help="What is wrong with the documents.", no_args_is_help=True)
EXIT_BLOCKERS = 13
_STALE = ("stale", "superseded", "dead-link")
_DUPLICATES = ("duplicate", "near-duplicate", "boilerplate")

SourceArgument = Annotated[str, typer.Argument(help="A source's id; all of them when not given.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="data")


@commands.command("report")
def report(
    source: SourceArgument = "",
    html: Annotated[Path | None, typer.Option("--html", help="Write a page for the owners, too.")] = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Look at every document; name each finding with its place, evidence, fix and owner.

    Exit 13 when there are blockers: planted instructions, text that was decoded wrongly, open contradictions.

    Example: `answerable data report --html data.html`
    """
    _tell(config, source, format, kinds=(), html=html)


@commands.command("stale")
def stale(
    source: SourceArgument = "",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Past their review date, untouched for long, superseded by another version, or linking to nowhere."""
    _tell(config, source, format, kinds=_STALE)


@commands.command("duplicates")
def duplicates(
    source: SourceArgument = "",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Pages that say the same, and paragraphs that stand on many pages."""
    _tell(config, source, format, kinds=_DUPLICATES)


@commands.command("conflicts")
def conflicts(
    source: SourceArgument = "",
    every: Annotated[
        bool, typer.Option("--all", help="Also what looked like one and is none, with the reason.")
    ] = False,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Find statements of two documents that contradict each other, and record them for the answers.

    Exit 13 when one is open.

    Example: `answerable data conflicts --all`
    """
    found = project.run(_conflicts(config, source))
    listed = [one for one in found.conflicts if not source or source in {side.source for side in one.sides}]
    if format is Format.JSON:
        emit_json(_search_json(found, listed, every))
    else:
        _print_search(found, listed, every)
    if any(one.state is ConflictState.OPEN for one in listed):
        raise typer.Exit(EXIT_BLOCKERS)


@commands.command("accept")
def accept(
    id: Annotated[str, typer.Argument(help="Of a finding (dq_…) or a conflict (cf_…).")],  # noqa: A002
    reason: Annotated[str, typer.Option("--reason", help="Why it may stay.")],
    by: Annotated[str, typer.Option("--by", help="Who says so.")] = "",
    until: Annotated[str, typer.Option("--until", help="The last day of it, as 2027-01-31.")] = "",
    config: ConfigOption = None,
) -> None:
    """Accept a finding with a reason: it does not come back until its day. Answers leave it alone, too."""
    project.run(_accept(config, id, reason, by, _day(until)))
    note(f"{id} is accepted" + (f" until {until}" if until else ""))


@commands.command("resolve")
def resolve(
    id: Annotated[str, typer.Argument(help="Of a conflict (cf_…).")],  # noqa: A002
    note_: Annotated[str, typer.Option("--note", help="What is going to be changed.")],
    by: Annotated[str, typer.Option("--by", help="Who says so.")] = "",
    config: ConfigOption = None,
) -> None:
    """Say that a conflict is being resolved: it blocks no longer, and answers show it until a page has changed."""
    project.run(_decide(config, id, ConflictState.RESOLVED, note_, by))
    note(f"{id} is being resolved; it closes by itself when one of its sentences is gone")


def _tell(
    config: Path | None, source: str, shape: Format, *, kinds: Sequence[str], html: Path | None = None
) -> None:
    found = project.run(_inspect(config, source, html))
    listed = [one for one in found.findings if not kinds or one.kind in kinds]
    if shape is Format.JSON:
        emit_json(_report_json(found, listed))
    else:
        _print_report(found, listed)
    if not kinds and found.blockers:
        raise typer.Exit(EXIT_BLOCKERS)


async def _inspect(config: Path | None, source: str, html: Path | None) -> DataReport:
    from answerable.app.data import inspect, today_of  # with all the finders: `--help` need not wait for them
    from answerable.app.data_page import to_html

    async with project.system(config) as system:
        _check_source(system.settings, source)
        with _progress() as observe:
            found = await inspect(system, source=source, observe=observe)
        if html is not None:
            write_file(html, to_html(found, project=system.settings.project.name, day=today_of(system)))
            note(f"written to {html}")
        return found


def _check_source(settings: Settings, source: str) -> None:
    known = {one.id for one in settings.source}
    if source and known and source not in known:
        raise ConfigError(f"there is no source {source!r}", hint=f"configured are {', '.join(sorted(known))}")


async def _conflicts(config: Path | None, source: str) -> ConflictSearch:
    from answerable.app.data import find_conflicts

    async with project.system(config) as system:
        _check_source(system.settings, source)
        with _progress() as observe:
            return await find_conflicts(system, observe=observe)


async def _accept(config: Path | None, id: str, reason: str, by: str, until: date | None) -> None:  # noqa: A002
    from answerable.app.accepted import Accepted, add_accepted

    if not re.fullmatch(r"(dq|cf)_[0-9a-f]{24}", id):
        raise ConfigError(
            f"{id!r} is no id of a finding or a conflict",
            hint="`answerable data report` shows them: dq_… or cf_… with 24 characters",
        )
    if len(reason.strip()) < 3:
        raise ConfigError("--reason says too little", hint="a few words on why it may stay")
    if id.startswith("cf_") and until is None:
        await _decide(config, id, ConflictState.ACCEPTED, reason, by)
        return
    one = project.project(config)
    add_accepted(one.path(one.settings.data.accepted), Accepted(id=id, reason=reason, by=by, until=until))


async def _decide(config: Path | None, id: str, state: ConflictState, why: str, by: str) -> None:  # noqa: A002
    async with project.system(config) as system:
        tenant = system.settings.project.tenant
        await system.conflicts.decide(tenant=tenant, conflict_id=id, state=state, note=why, by=by)


def _day(given: str) -> date | None:
    try:
        return datetime.strptime(given, "%Y-%m-%d").date() if given else None
    except ValueError as error:
        raise ConfigError(f"--until {given!r} is no day", hint="write it as 2027-01-31") from error


@contextmanager
def _progress() -> Iterator[Observer]:
    """A line on standard error that grows, at a terminal; else one at the end."""
    last = (0, 0)

    def observe(done: int, total: int) -> None:
        nonlocal last
        last = (done, total)
        if err.is_terminal:
            err.print(f"\r{done} of {total} documents", end="", markup=False)

    yield observe
    if err.is_terminal:
        err.print("")
    else:
        note(f"{last[0]} of {last[1]} documents read")


def _print_report(found: DataReport, listed: Sequence[Finding]) -> None:
    for one in listed:
        place = one.uri + (f":{one.line}" if one.line else "")
        others = f" ({', '.join(one.others)})" if one.others else ""
        say(f"{one.severity:<8} {one.kind:<15} {place}{others}")
        say(f"         {one.evidence}")
        say(f"         fix: {one.fix}")
        say(f"         {one.id}  owner: {one.owner or 'nobody'}")
    _print_counts(found, listed)


def _print_counts(found: DataReport, listed: Sequence[Finding]) -> None:
    counts: dict[tuple[str, str], int] = {}
    for one in listed:
        counts[one.severity.value, one.kind] = counts.get((one.severity.value, one.kind), 0) + 1
    if listed:
        say("")
        table(
            ["severity", "kind", "findings"], [[*key, count] for key, count in counts.items()], right=["findings"]
        )
    for line in found.unlooked:
        note(f"not looked for: {line}")
    for gone in found.expired:
        note(f"no longer accepted: {gone}")
    note(f"{found.documents} documents, {len(listed)} findings, {found.accepted} accepted")


def _print_search(found: ConflictSearch, listed: Sequence[DocumentConflict], every: bool) -> None:
    for one in listed:
        say(f"{one.id}  {one.state}  {one.kind}: {one.reason}" + (f"  ({one.note})" if one.note else ""))
        for side in one.sides:
            say(f"  {side.uri} ({side.updated_at or 'no date'}; {side.owner or 'no owner'}): {side.text}")
    for pair in found.others if every else ():
        say(f"{pair.decided.decision}  {pair.decided.kind}: {pair.decided.reason}")
        for statement in (pair.first, pair.second):
            say(f"  {statement.page.uri}: {statement.text}")
    done = found.recorded
    note(
        f"{found.documents} documents, {found.statements} statements; {done.opened} new conflicts, "
        f"{done.known} known, {done.closed} closed; {len(found.others)} pairs looked like one and are none"
    )


def _finding_json(one: Finding) -> dict[str, Any]:
    names = "id kind severity uri source title owner document start end line evidence fix".split()
    return {**{name: getattr(one, name) for name in names}, "others": list(one.others)}


def _report_json(found: DataReport, listed: Sequence[Finding]) -> dict[str, Any]:
    return {
        "documents": found.documents,
        "blockers": len(found.blockers),
        "accepted": found.accepted,
        "expired": list(found.expired),
        "not_looked_for": list(found.unlooked),
        "findings": [_finding_json(one) for one in listed],
    }


def _search_json(found: ConflictSearch, listed: Sequence[DocumentConflict], every: bool) -> dict[str, Any]:
    return {
        "documents": found.documents,
        "statements": found.statements,
        "opened": found.recorded.opened,
        "closed": found.recorded.closed,
        "conflicts": [_conflict_json(one) for one in listed],
        "others": [
            {
                "decision": one.decided.decision,
                "kind": one.decided.kind,
                "reason": one.decided.reason,
                "sides": [{"uri": side.page.uri, "text": side.text} for side in (one.first, one.second)],
            }
            for one in (found.others if every else ())
        ],
    }


def _conflict_json(one: DocumentConflict) -> dict[str, Any]:
    names = "uri source title owner updated_at text start end".split()
    return {
        "id": one.id,
        "state": one.state,
        "kind": one.kind,
        "reason": one.reason,
        "note": one.note,
        "by": one.decided_by,
        "sides": [
            {**{name: getattr(side, name) for name in names}, "scope": dict(side.scope)} for side in one.sides
        ],
    }
