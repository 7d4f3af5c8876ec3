"""answerable worker: do the jobs."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.console import note, say
from answerable.cli.options import ConfigOption

if TYPE_CHECKING:
    from answerable.adapters.jobs.queue import JobQueue


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
    """
    project.run(_work(config, once=once, concurrency=concurrency))


async def _work(config: Path | None, *, once: bool, concurrency: int) -> None:
    from answerable.app.jobs.working import due_now, make_queue  # keeps --help quick
    from answerable.cli.logs import tell_logs

    async with project.system(config) as system:
        tell_logs(system.settings.server.log)
        queue = make_queue(system, concurrency=concurrency)
        if once:
            await due_now(queue)
            return
        say("doing jobs; `answerable job list` shows them")
        note("stop with Ctrl-C")
        await _until_stopped(queue)


async def _until_stopped(queue: JobQueue) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def stopped(number: int) -> None:
        stop.set()
        loop.remove_signal_handler(number)  # the next one is the system's own

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped, number)
    await queue.work(stop)
