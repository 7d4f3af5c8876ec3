"""Deleting what is older than it may be: by hand, and once a day while questions are served."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.people import PostgresPeople
from answerable.adapters.postgres.tolls import PostgresTolls
from answerable.config import Settings
from answerable.core.errors import AnswerableError

log = logging.getLogger(__name__)

DAY_S = 86_400.0
FIRST_S = 600.0  # after a start: several processes that start together are busy with other things
AGAIN_S = 3_600.0  # after a failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Several processes may do it: the second one finds nothing."""

    purge: Callable[[], Awaitable[Mapping[str, int]]]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """While this is open, once a day."""
        task = asyncio.create_task(self._daily(), name="retention")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _daily(self) -> None:
        wait_s = FIRST_S
        while True:
            await self.sleep(wait_s)
            try:
                gone = await self.purge()
            except AnswerableError as error:
                log.warning("what is too old could not be deleted: %s", error)
                wait_s = AGAIN_S
            else:
                log.info("deleted what is too old: %s", {name: count for name, count in gone.items() if count})
                wait_s = DAY_S


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
