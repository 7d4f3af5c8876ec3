"""The progress of an evaluation: on a terminal a bar with remaining time, elsewhere a line now and then."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from answerable.cli.console import err, note
from answerable.evals.runs.progress import Observer, Progress

_QUIET_S = 5.0


@contextmanager
def run_progress() -> Iterator[Observer]:
    """An observer that draws."""
    if not err.is_terminal:
        yield _lines()
        return
    columns = (TextColumn("asking"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[said]}"))
    with Bar(*columns, console=err, transient=True) as bar:
        task = bar.add_task("asking", total=None, said="")

        def draw(state: Progress) -> None:
            bar.update(task, total=state.total, completed=state.done, said=_said(state))

        yield draw


def _lines() -> Observer:
    last = time.monotonic()

    def draw(state: Progress) -> None:
        nonlocal last
        if time.monotonic() - last < _QUIET_S:
            return
        last = time.monotonic()
        note(f"{state.done} of {state.total} rows{_said(state)}")

    return draw


def _said(state: Progress) -> str:
    parts = [
        f"{state.kept} kept" if state.kept else "",
        f"{state.failed} failed" if state.failed else "",
        f"{state.unmeasured} unmeasured" if state.unmeasured else "",
        f"{state.spent:.4f} spent" if state.spent else "",
        f"{state.per_second:.1f} rows/s" if state.per_second else "",
        f"{state.remaining_s:.0f} s left" if state.remaining_s else "",
    ]
    return "".join(f", {part}" for part in parts if part)
