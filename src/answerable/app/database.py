"""The project's Postgres: the configured one, or the embedded one, migrated and ready."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from answerable.adapters.postgres.database import Database, PoolLimits
from answerable.adapters.postgres.embedded import Embedded
from answerable.adapters.postgres.migrations import Migrations
from answerable.adapters.postgres.roles import give_login
from answerable.app.project import Project
from answerable.core.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where the database is: addresses for the owner, who migrates, and for the service, which owns nothing."""

    owner_url: str
    service_url: str
    schema: str
    login: str | None = None  # the service's own user, where it is another than the owner
    embedded: Embedded | None = None

    def migrations(self) -> Migrations:
        """The migrations of this server's schema."""
        return Migrations(self.owner_url, schema=self.schema, login=self.login)


@asynccontextmanager
async def open_server(project: Project, *, as_owner: bool = True) -> AsyncIterator[Server]:
    """The server, started if it is ours. Raises DatabaseUnreachable or ConfigError.

    Not `as_owner`, the owner's secret is not looked up: a serving process does not need to have it.
    """
    section = project.settings.database
    url = project.secret(section.url)
    if url:
        owner = project.secret(section.owner_url) if as_owner else None
        login = urlsplit(url).username if owner else None
        yield Server(owner_url=owner or url, service_url=url, schema=section.schema_name, login=login)
        return
    embedded = await asyncio.to_thread(Embedded.start, project.state / "pg")
    try:
        yield Server(
            owner_url=embedded.admin_url,
            service_url="",
            schema=section.schema_name,
            embedded=embedded,
        )
    finally:
        await asyncio.to_thread(embedded.stop)


@asynccontextmanager
async def open_database(project: Project) -> AsyncIterator[Database]:
    """A pool of connections as the service role. The embedded database is migrated by itself, another is not."""
    async with open_server(project, as_owner=False) as server:
        pending = await server.migrations().plan()
        if pending and server.embedded is None:
            raise ConfigError(
                f"the database is {len(pending)} migrations behind",
                hint="run `answerable db migrate` (--plan to look)",
            )
        if pending:
            await server.migrations().migrate()
        limits = PoolLimits(size=project.settings.database.pool)
        revive = server.embedded.ensure if server.embedded else None
        url = await _service_url(server)
        async with Database(url, schema=server.schema, limits=limits, revive=revive) as database:
            yield database


async def _service_url(server: Server) -> str:
    if server.embedded is None:
        return server.service_url
    return await give_login(server.owner_url, schema=server.schema, password=server.embedded.service_password)
