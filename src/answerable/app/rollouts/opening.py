"""The rollouts of a project for a command: with the database where it answers, from files and disk where not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from answerable.adapters.fakes.happenings import MemoryHappenings
from answerable.adapters.postgres.database import Database
from answerable.app.database import open_database
from answerable.app.ground import happenings_of
from answerable.app.project import Project
from answerable.app.rollouts.live import Rollouts
from answerable.core.errors import DatabaseUnreachable
from answerable.core.ports import Happenings


@asynccontextmanager
async def open_rollouts(
    project: Project, *, told: Callable[[str], None]
) -> AsyncIterator[tuple[Rollouts, Database | None]]:
    """`told` hears that the database is away: then only this folder's processes hear of a rollback at once."""
    home = project.settings.project.tenant
    async with AsyncExitStack() as stack:
        database: Database | None = None
        happenings: Happenings = MemoryHappenings(home=home)
        try:
            database = await stack.enter_async_context(open_database(project))
            happenings = await stack.enter_async_context(happenings_of(project, database))
        except DatabaseUnreachable as error:
            told(f"{error}; files and disk are all that is read")
        rollouts = Rollouts(project=project, happenings=happenings)
        await rollouts.refresh()
        yield rollouts, database
