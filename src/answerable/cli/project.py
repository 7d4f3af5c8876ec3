"""From the command line's options to an open system."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from answerable.app.project import Project

if TYPE_CHECKING:
    from answerable.app import System

T = TypeVar("T")


def run(work: Coroutine[object, object, T]) -> T:
    """The one place where the command line enters asyncio."""
    return asyncio.run(work)


def project(config: Path | None) -> Project:
    """The project of --config, or the nearest one. Raises ConfigError."""
    return Project.open(config)


@asynccontextmanager
async def system(config: Path | None) -> AsyncIterator[System]:
    """The running system of the project."""
    from answerable.app import open_system  # half a second of imports that `--help` need not wait for

    async with open_system(project(config)) as one:
        yield one
