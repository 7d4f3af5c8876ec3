"""answerable job: what is done again and again without anybody asking."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.core.job import JobRun

if TYPE_CHECKING:
    from answerable.app.jobs.board import JobRow

commands = typer.Typer(help="What is done again and again without anybody asking.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="As `answerable job list` shows it.")]
FAILED = 1


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="job")


@commands.command("list")
def list_them(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Each job with its schedule, its last run and its next.

    Example: `answerable job list`
    """
    rows, now = project.run(_rows(config)), datetime.now(UTC)
    if format is Format.JSON:
        emit_json([_record(row) for row in rows])
        return
    columns = ["job", "schedule (UTC)", "last run", "took", "by", "next", "failed", "what it does"]
    table(columns, [_line(row, now) for row in rows], right=["took", "failed"])
    for row in rows:
        if row.standing.failed and row.standing.last and row.standing.last.error:
            note(f"{row.name}: {row.standing.last.error}")


@commands.command("runs")
def runs(
    name: Annotated[str, typer.Argument(help="Of this job; of all without.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 30,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """The book of runs, newest first.

    Example: `answerable job runs retention`
    """
    found = project.run(_runs(config, name, limit))
    if format is Format.JSON:
        emit_json([_run(one) for one in found])
        return
    rows = [
        [
            f"{one.started_at:%Y-%m-%d %H:%M:%S}",
            one.job,
            one.attempt,
            one.state.value,
            _took(one),
            one.worker,
            _end(one),
        ]
        for one in found
    ]
    table(["began (UTC)", "job", "try", "state", "took", "by", "said"], rows, right=["try", "took"])


@commands.command("run")
def run(
    name: Name,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Do it here and now, or leave it to a worker.")
    ] = True,
    config: ConfigOption = None,
) -> None:
    """Run a job once, now. Exit 1 when it fails.

    It goes through the queue like any other run: never beside another run of the same job.

    Example: `answerable job run retention`
    """
    _told(name, project.run(_put(config, name, again=False, wait=wait)), wait=wait)


@commands.command("retry")
def retry(
    name: Name,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Do it here and now, or leave it to a worker.")
    ] = True,
    config: ConfigOption = None,
) -> None:
    """Take the newest run that was given up again, with the tick that it had. Exit 1 when it fails.

    Example: `answerable job retry retention`
    """
    _told(name, project.run(_put(config, name, again=True, wait=wait)), wait=wait)


def _told(name: str, found: JobRun | None, *, wait: bool) -> None:
    if not wait:
        say(f"{name} is in the queue; a worker does it (`answerable worker`, or a running server)")
    elif found is not None and found.state.value in ("done", "skipped"):
        say(f"{name} {found.state.value} in {_took(found)}{': ' + _end(found) if found.told else ''}")
    else:
        note(f"{name} failed: {found.error if found else 'see the log'}")
        raise typer.Exit(FAILED)


async def _rows(config: Path | None) -> list[JobRow]:
    from answerable.app.jobs.working import make_board  # keeps --help quick

    async with project.system(config) as system:
        return await make_board(system.database, system.settings).rows(datetime.now(UTC))


async def _runs(config: Path | None, name: str, limit: int) -> list[JobRun]:
    from answerable.app.jobs.working import make_board  # keeps --help quick

    async with project.system(config) as system:
        return await make_board(system.database, system.settings).newest(name, limit)


async def _put(config: Path | None, name: str, *, again: bool, wait: bool) -> JobRun | None:
    from answerable.app.jobs.working import make_board, make_queue  # keeps --help quick

    async with project.system(config) as system:
        queue = make_queue(system)
        now = datetime.now(UTC)
        id_ = await (queue.retry(name, now=now) if again else queue.put(name, now=now))
        if not wait:
            return None
        await queue.finish(id_)
        newest = await make_board(system.database, system.settings).newest(name, 1)
        return newest[0] if newest else None


def _line(row: JobRow, now: datetime) -> list[object]:
    last = row.standing.last
    state = "never" if last is None else f"{last.state.value} {_since(last.started_at, now)} ago"
    return [
        row.name,
        row.cron,
        state + (" (late)" if row.late else ""),
        _took(last) if last else "",
        last.worker if last else "",
        f"in {_since(now, row.next)}" + (f", {row.waiting} waiting" if row.waiting else ""),
        row.standing.failed or "",
        row.what,
    ]


def _since(then: datetime, now: datetime) -> str:
    seconds = max(0, round((now - then).total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _took(run: JobRun) -> str:
    return "" if run.seconds is None else f"{run.seconds:.1f} s"


def _end(run: JobRun) -> str:
    return run.error or ", ".join(f"{name} {value}" for name, value in run.told.items())


def _record(row: JobRow) -> dict[str, Any]:
    standing = row.standing
    return {
        "name": row.name,
        "what": row.what,
        "schedule": row.cron,
        "next": row.next.isoformat(),
        "late": row.late,
        "waiting": row.waiting,
        "under_way": row.doing,
        "failed_since_done": standing.failed,
        "last": _run(standing.last) if standing.last else None,
        "last_done": _run(standing.done) if standing.done else None,
    }


def _run(run: JobRun) -> dict[str, Any]:
    return {
        "job": run.job,
        "tick": run.tick.isoformat(),
        "attempt": run.attempt,
        "state": run.state.value,
        "worker": run.worker,
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "told": dict(run.told),
        "error": run.error,
    }
