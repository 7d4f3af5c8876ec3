"""From the command line's options to an open system."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from answerable.app.project import Project
from answerable.cli.console import note

if TYPE_CHECKING:
    from answerable.app import System

T = TypeVar("T")
INTERRUPTED = 130


def run(work: Coroutine[object, object, T], *, then: str = "") -> T:
    """The one place where the command line enters asyncio. Interrupted, it ends with 130 and says how to go on."""
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        note("interrupted; what was done is kept" + (f"; go on with: {then}" if then else ""))
        raise typer.Exit(INTERRUPTED) from None


def project(config: Path | None) -> Project:
    """The project of --config, or the nearest one. Raises ConfigError."""
    return Project.open(config)


@asynccontextmanager
async def system(config: Path | None) -> AsyncIterator[System]:
    """The running system of the project."""
    from answerable.app import open_system  # half a second of imports that `--help` need not wait for

    async with open_system(project(config)) as one:
        yield one
