"""The real product under a simulated month: its database, its jobs and its metrics, on a clock that is set."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import psycopg
from psycopg import sql
from simulate_compared import PAIRS, Number, Numbers

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.events import PostgresEvents
from answerable.adapters.postgres.happenings import PostgresHappenings
from answerable.adapters.postgres.measures import Span
from answerable.adapters.postgres.tallies import PostgresTallies
from answerable.adapters.postgres.tasks import PostgresTasks
from answerable.app.database import open_database, open_server
from answerable.app.metrics.measuring import Sources, measured, sources_of
from answerable.app.metrics.rolling_up import roll_up
from answerable.app.project import Project
from answerable.app.tasks import close_tasks
from answerable.core.event import Event
from answerable.core.ports import Happening

CONFIG = """
[project]
name = "simulated"
contact = "nobody@example.com"

[metrics]
tickets = true

[budget]
currency = "EUR"
"""
_AT_ONCE = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """An open database with the parts that jobs need; of any tenant."""

    project: Project
    database: Database
    events: PostgresEvents
    tasks: PostgresTasks
    tallies: PostgresTallies
    happenings: PostgresHappenings
    sources: Sources

    async def take(self, events: Sequence[Event], happenings: Iterable[Happening] = ()) -> int:
        """What came in; how many events were new."""
        new = 0
        for start in range(0, len(events), _AT_ONCE):
            new += await self.events.append(events[start : start + _AT_ONCE])
        for one in happenings:
            self.happenings.write(one)
        await self.happenings.flush()
        return new

    async def close(self, tenant: str, now: datetime) -> None:
        """The job that makes tasks, and the one that counts by day."""
        settings = self.project.settings.metrics
        await close_tasks(self.events, self.tasks, tenant=tenant, now=now, settings=settings)

    async def count(self, tenant: str, now: datetime) -> None:
        """The job that counts by day."""
        await roll_up(self.tallies, tenant=tenant, now=now)

    async def numbers(self, tenant: str, since: datetime, until: datetime) -> Numbers:
        """What `metric show` says over the span, of all that is compared."""
        found: dict[tuple[str, str], Number] = {}
        for name in dict.fromkeys(pair.metric for pair in PAIRS):
            table = await measured(self.sources, name, Span(tenant=tenant, since=since, until=until, prompt=""))
            for one in table.total.numbers if table.total else ():
                found[name, one.name] = Number(value=one.value, low=one.low, high=one.high, n=one.n)
        return found


@asynccontextmanager
async def opened(first: date, days: int) -> AsyncIterator[Product]:
    """A product with an empty database that has a partition for each of these days."""
    folder = Path(tempfile.mkdtemp(prefix="answerable-simulated-", dir="/tmp"))
    folder.chmod(0o755)
    (folder / "answerable.toml").write_text(CONFIG)
    project = Project.open(folder / "answerable.toml")
    try:
        async with open_database(project) as database:
            await _partitions(project, first, days)
            async with PostgresHappenings(database, spool=folder / "happenings", home="default") as happenings:
                yield Product(
                    project=project,
                    database=database,
                    events=PostgresEvents(database, spool=folder / "events"),
                    tasks=PostgresTasks(database),
                    tallies=PostgresTallies(database=database),
                    happenings=happenings,
                    sources=sources_of(project, database),
                )
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, True)


async def _partitions(project: Project, first: date, days: int) -> None:
    """As `make_partitions` makes them for the days to come."""
    async with open_server(project) as server, await psycopg.AsyncConnection.connect(server.owner_url) as conn:
        await conn.execute(sql.SQL("SET search_path TO {}, public").format(sql.Identifier(server.schema)))
        for day in (first + timedelta(days=n) for n in range(-1, days)):
            part = sql.Identifier(f"event_{day:%Y%m%d}")
            await conn.execute(
                sql.SQL("CREATE TABLE IF NOT EXISTS {} PARTITION OF event FOR VALUES FROM ({}) TO ({})").format(
                    part, f"{day} 00:00:00+00", f"{day + timedelta(days=1)} 00:00:00+00"
                )
            )
            await conn.execute(sql.SQL("SELECT protect({}::regclass)").format(sql.Literal(f"event_{day:%Y%m%d}")))
