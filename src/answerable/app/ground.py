"""What the rest of a running system stands on: database, index, models, and who watches and pays for them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.happenings import PostgresHappenings
from answerable.app.database import open_database
from answerable.app.embedding import close_embedder, make_embedder
from answerable.app.models import Gateway, Parts, open_gateway
from answerable.app.paying import Money, open_money
from answerable.app.project import Project
from answerable.app.stores import TendedStore, open_store
from answerable.app.telemetry import open_telemetry
from answerable.app.watching import Watching, open_watching
from answerable.core.ports import Embedder
from answerable.guards.secrets import without_secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Opened, and closed with the stack that it was opened on."""

    database: Database
    watching: Watching
    money: Money
    embedder: Embedder
    store: TendedStore
    gateway: Gateway


async def open_ground(project: Project, stack: AsyncExitStack) -> Ground:
    """Start what is ours, connect to what is not. Raises ConfigError, DatabaseUnreachable and IntegrityError."""
    database = await stack.enter_async_context(open_database(project))
    watching = await _open_watching(project, database, stack)
    money = await stack.enter_async_context(
        open_money(project, database, watching.happenings, heard=watching.observers)
    )
    embedder = make_embedder(project, money)
    stack.push_async_callback(close_embedder, embedder)
    return Ground(
        database=database,
        watching=watching,
        money=money,
        embedder=embedder,
        store=await stack.enter_async_context(open_store(project, database)),
        gateway=await stack.enter_async_context(open_gateway(project, _parts(watching, money))),
    )


def _parts(watching: Watching, money: Money) -> Parts:
    """What the gateway tells, and who pays."""
    return replace(
        money.parts,
        observers=(*money.parts.observers, *watching.observers),
        happened=watching.happened,
    )


def happenings_of(project: Project, database: Database) -> PostgresHappenings:
    """To be entered; what cannot be written waits on disk."""
    return PostgresHappenings(
        database,
        spool=project.state / "spool" / "happenings",
        home=project.settings.project.tenant,
        bare=without_secrets,
    )


async def _open_watching(project: Project, database: Database, stack: AsyncExitStack) -> Watching:
    home = project.settings.project.tenant
    happenings = await stack.enter_async_context(happenings_of(project, database))
    exporting = await open_telemetry(project, stack)
    return await open_watching(happenings, home=home, exporting=exporting)
