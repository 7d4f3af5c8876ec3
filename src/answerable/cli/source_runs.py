"""answerable source runs and rollback: what each sync did, and taking one back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.cli.source import commands
from answerable.core.past import RunRow

if TYPE_CHECKING:
    from answerable.app.undoing import Undone


def register(app: typer.Typer) -> None:
    """The noun is registered by source.py; its commands are added when this module is imported."""


@commands.command("runs")
def runs(
    source: Annotated[str, typer.Argument(help="A source's id; all of them when not given.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many.")] = 20,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """The syncs, newest first, with how much each changed and whether it can be taken back.

    Example: `answerable source runs`
    """
    found = project.run(_runs(config, source, limit))
    if format is Format.JSON:
        emit_json([_row(one) for one in found])
        return
    if not found:
        note("nothing was ever ingested")
        return
    table(
        ["run", "source", "began", "added", "changed", "removed", "held", "can be taken back"],
        [
            [
                one.id,
                one.source,
                one.started_at.strftime("%Y-%m-%d %H:%M:%S"),
                *(one.counts.get(key, 0) for key in ("added", "changed", "removed", "held")),
                _back(one),
            ]
            for one in found
        ],
        right=["added", "changed", "removed", "held"],
    )


@commands.command("rollback")
def rollback(
    run: Annotated[str, typer.Argument(help="The sync's id, or a unique beginning of it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, it only says what it would do.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who says so; it stands in the audit log.")] = "operator",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Put back what a sync changed: documents as they were before it, what it added taken out.

    The texts it brought are kept out of every later sync until the files say something else. What a later sync
    wrote again is left alone, and named; then exit 5.

    Example: `answerable source rollback ru_1a2b --yes`
    """
    done = project.run(_rollback(config, run, yes, by))
    if format is Format.JSON:
        emit_json(asdict(done))
    else:
        _tell(done)
    if done.left:
        raise typer.Exit(5)


async def _runs(config: Path | None, source: str, limit: int) -> list[RunRow]:
    from answerable.adapters.postgres.past import PostgresPast

    async with project.system(config) as system:
        tenant = system.settings.project.tenant
        return await PostgresPast(system.database).runs(tenant=tenant, source=source, limit=limit)


async def _rollback(config: Path | None, run: str, yes: bool, by: str) -> Undone:
    from answerable.app.undoing import rollback as taken_back

    async with project.system(config) as system:
        return await taken_back(system, run, by=by, really=yes)


def _back(one: RunRow) -> str:
    if not one.changes:
        return "nothing to take back"
    return "yes" if not one.lost else f"{one.changes - one.lost} of {one.changes}"


def _row(one: RunRow) -> dict[str, object]:
    return {
        "run": one.id,
        "source": one.source,
        "started_at": one.started_at.isoformat(),
        "finished_at": one.finished_at.isoformat() if one.finished_at else None,
        "counts": dict(one.counts),
        "changes": one.changes,
        "lost": one.lost,
    }


def _tell(done: Undone) -> None:
    for uri in done.restored:
        say(f"back as it was  {uri}")
    for uri in done.removed:
        say(f"taken out       {uri}")
    for uri, why in done.left.items():
        say(f"left            {uri}: {why}")
    if done.done:
        note(
            f"{len(done.restored)} restored, {len(done.removed)} taken out, {len(done.left)} left; "
            f"{done.seconds:.1f} s" + (f"; this was the run {done.by_run}" if done.by_run else "")
        )
    else:
        note("nothing was changed; with --yes it is")
