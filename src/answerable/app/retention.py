"""Deleting what is older than it may be: by hand, and once a day as a job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.people import PostgresPeople
from answerable.adapters.postgres.tolls import PostgresTolls
from answerable.config import Settings

if TYPE_CHECKING:
    from answerable.app.system import System


async def retention_job(system: System, *, now: datetime) -> Mapping[str, object]:
    """Delete what is too old by the clock of the database; the same again finds nothing. Rows by table."""
    gone = await purge_old(system.database, system.settings, dry=False)
    return {name: count for name, count in gone.items() if count}


async def purge_old(database: Database, settings: Settings, *, dry: bool) -> dict[str, int]:
    """Delete what is older than [retention] allows, and counters that say nothing any more. Rows by table."""
    kept, tenant = settings.retention, settings.project.tenant
    if not dry:
        await PostgresTolls(database).tidy(tenant=tenant)
    people = PostgresPeople(database)
    rows = await people.purge(
        tenant=tenant,
        messages_s=kept.messages,
        traces_s=kept.traces_full,
        events_s=kept.events,
        dry=dry,
    )
    return rows | await people.purge_log(
        tenant=tenant,
        persons_s=kept.persons,
        links_s=settings.telemetry.events.link,
        events_s=kept.events,
        dry=dry,
    )
