"""Which ingest run writes right now: a store keeps with every version who wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_run: ContextVar[str] = ContextVar("answerable_ingest_run", default="")


def writing_run() -> str:
    """The id of the run; empty outside of one, and then nothing is kept that could undo it."""
    return _run.get()


@contextmanager
def written_by(run: str) -> Iterator[None]:
    """What is stored in here, by this task and those it starts, is the run's."""
    token = _run.set(run)
    try:
        yield
    finally:
        _run.reset(token)
