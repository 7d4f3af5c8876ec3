"""The progress of a sync: on a terminal a bar with rate and remaining time, elsewhere a line now and then."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from answerable.cli.console import err, note
from answerable.ingest.progress import Observer
from answerable.ingest.progress import Progress as State

_QUIET_S = 5.0


@contextmanager
def sync_progress(source: str) -> Iterator[Observer]:
    """An observer for Sync.run that draws."""
    if not err.is_terminal:
        yield _lines(source)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(source, total=None, rate="")

        def draw(state: State) -> None:
            rate = f"{state.files_per_s:.0f} files/s, {state.chunks} chunks"
            bar.update(task, total=state.total, completed=state.done, rate=rate)

        yield draw


def _lines(source: str) -> Observer:
    last = time.monotonic()

    def draw(state: State) -> None:
        nonlocal last
        if time.monotonic() - last < _QUIET_S:
            return
        last = time.monotonic()
        left = f", {state.remaining_s:.0f} s left" if state.remaining_s is not None else ""
        note(f"{source}: {state.done} of {state.total or '?'} files, {state.files_per_s:.0f} files/s{left}")

    return draw
