"""The progress of a red-team run: on a terminal a bar, elsewhere a line now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from answerable.cli.console import err, note

if TYPE_CHECKING:
    from answerable.app.redteam.running import Progress as State

_QUIET_S = 5.0


@contextmanager
def attack_progress() -> Iterator[Callable[[State], None]]:
    """An observer that draws."""
    if not err.is_terminal:
        yield _lines()
        return
    columns = (
        TextColumn("attacking"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[said]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("attacking", total=None, said="")

        def draw(state: State) -> None:
            bar.update(task, total=state.total, completed=state.done, said=f"{state.through} through")

        yield draw


def _lines() -> Callable[[State], None]:
    last = time.monotonic()

    def draw(state: State) -> None:
        nonlocal last
        if time.monotonic() - last < _QUIET_S:
            return
        last = time.monotonic()
        pace = (state.done - state.kept) / state.seconds if state.seconds else 0.0
        note(f"{state.done} of {state.total} trials, {state.through} through, {pace:.1f} trials/s")

    return draw
