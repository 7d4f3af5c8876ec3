"""What an operator does with the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from answerable.adapters.postgres.operations import Operations
from answerable.app.database import open_server
from answerable.app.project import Project


@asynccontextmanager
async def open_operations(project: Project) -> AsyncIterator[Operations]:
    """Status, backup and restore, with the embedded server's own programs where it is ours."""
    async with open_server(project) as server:
        binaries = server.embedded.binaries if server.embedded else None
        yield Operations(server.owner_url, schema=server.schema, login=server.login, binaries=binaries)
