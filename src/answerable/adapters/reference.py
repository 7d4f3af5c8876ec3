"""What a person may call an evaluation run, and in which order its meanings count."""

from __future__ import annotations

from collections.abc import Sequence

from answerable.core.errors import NotFound
from answerable.core.evaluation import Run

PREFIX = 7  # the weakest meaning
_COMMIT_CHARS = 7  # of a commit, at least: fewer would be a word


def select_run(runs: Sequence[Run], reference: str) -> Run:
    """The run that a reference means, out of all of a tenant's, newest first. Raises NotFound."""
    found = sorted(
        ((sense, at) for at, run in enumerate(runs) if (sense := _sense(run, reference)) is not None),
        key=lambda pair: pair,
    )
    if not found:
        raise unknown_run(reference)
    if [sense for sense, _ in found[:2]] == [PREFIX, PREFIX]:
        raise ambiguous_run(reference)
    return runs[found[0][1]]


def unknown_run(reference: str) -> NotFound:
    """There is no such run, or it is not yours."""
    return NotFound(f"there is no evaluation run {reference!r}", hint="`answerable eval list` shows the runs")


def ambiguous_run(reference: str) -> NotFound:
    """More than one id begins so."""
    return NotFound(f"several runs begin with {reference!r}", hint="give more of the id")


def _sense(run: Run, reference: str) -> int | None:
    """Lower is surer; None: it does not mean this run. The same order as in queries_runs.sql."""
    is_commit = len(reference) >= _COMMIT_CHARS and run.commit.startswith(reference)
    done = run.finished_at is not None
    meanings = {
        1: run.id == reference,
        2: run.label == reference,
        3: done and reference == "latest",
        4: done and run.branch == reference,
        5: done and is_commit and not run.commit.endswith("+"),
        6: done and is_commit,
        PREFIX: run.id.startswith(reference),
    }
    return next((sense for sense, holds in meanings.items() if holds and reference), None)
