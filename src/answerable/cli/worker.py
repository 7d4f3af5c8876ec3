"""answerable worker: do the jobs."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.console import note, say
from answerable.cli.options import ConfigOption
from answerable.core.job import JobRun, RunState

if TYPE_CHECKING:
    from answerable.adapters.jobs.queue import JobQueue

_SHOWN = 100
_PARTIAL = 5


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("worker")(worker)


def worker(
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, then end.")] = False,
    concurrency: Annotated[
        int, typer.Option(min=0, max=32, help="Different jobs at a time; 0: as [jobs] says.")
    ] = 0,
    config: ConfigOption = None,
) -> None:
    """Do the jobs until it is stopped; as many workers as you like, each tick is done by one.

    Stopped (Ctrl-C, SIGTERM), it takes nothing new and gives what runs [jobs] grace to end. A second signal ends
    it at once; what it had in hand is done anew by another worker after [jobs] stalled_after.

    With --once it says what was done, and ends with 5 when a job failed.
    """
    failed = project.run(_work(config, once=once, concurrency=concurrency))
    if failed:
        raise typer.Exit(_PARTIAL)


async def _work(config: Path | None, *, once: bool, concurrency: int) -> bool:
    from answerable.app.jobs.working import due_now, make_board, make_queue  # keeps --help quick
    from answerable.cli.logs import tell_logs

    async with project.system(config) as system:
        tell_logs(system.settings.server.log)
        queue = make_queue(system, concurrency=concurrency)
        if once:
            began = datetime.now(UTC)
            await due_now(queue)
            newest = await make_board(system.database, system.settings).newest("", _SHOWN)
            return _told([one for one in newest if one.started_at >= began])
        say("doing jobs; `answerable job list` shows them")
        note("stop with Ctrl-C")
        await _until_stopped(queue)
        return False


def _told(runs: list[JobRun]) -> bool:
    """Says what was done, the first first; whether something failed."""
    if not runs:
        note("nothing was due; `answerable job list` says when something is")
    for one in reversed(runs):
        end = one.error or ", ".join(f"{name} {value}" for name, value in one.told.items())
        say(f"{one.job} {one.state.value}{': ' + end if end else ''}")
    return any(one.state is RunState.FAILED for one in runs)


async def _until_stopped(queue: JobQueue) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def stopped(number: int) -> None:
        stop.set()
        loop.remove_signal_handler(number)  # the next one is the system's own

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped, number)
    await queue.work(stop)
