"""The product's log in Postgres: append-only, written behind the work, read in order of time."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg.types.json import Json

from answerable.adapters.entry import bared, unmasked
from answerable.adapters.event_row import event_values, read_event
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.spool import Form, Spool
from answerable.adapters.postgres.spooled import Behind, Spooled, Writing, nothing, unheard
from answerable.adapters.postgres.statements import statements
from answerable.core.event import Event
from answerable.core.event_names import cleaned

log = logging.getLogger(__name__)
_SQL = statements("events")
_AT_ONCE = 1000  # events a statement
_BATCH = 500  # events a transaction
_LINGER_S = 0.1  # events are gathered so long before they are written: a kill loses no more
_PAGE = 2000  # events a read
_BEFORE_ALL = UUID(int=0)  # no event has it: it is no version 7

EVENTS: Form[Event] = Form(dump=event_values, load=read_event)


class PostgresEvents(Behind[Event]):
    """The Events port. Open it with `async with`; `append` and `read` work without.

    `most_bytes` may wait on disk; `prepare` is awaited before every round of writing, and `dropped` hears how many
    events found neither. `bare` takes credentials out. A prop that is not in the list of names is dropped, and the
    log says so; so is an event without a known name.
    """

    def __init__(
        self,
        database: Database,
        *,
        spool: Path,
        most_bytes: int | None = None,
        bare: Callable[[str], str] = unmasked,
        prepare: Callable[[], Awaitable[None]] = nothing,
        dropped: Callable[[int], None] = unheard,
        queue: int = 5000,
    ) -> None:
        self._database, self._bare = database, bare
        super().__init__(
            Spooled(
                Writing(
                    name="events",
                    insert=self._insert,
                    label=lambda one: f"{one.name} {one.id}",
                    prepare=prepare,
                    dropped=dropped,
                    batch=_BATCH,
                    linger_s=_LINGER_S,
                ),
                spool=Spool(spool, EVENTS, most_bytes=most_bytes),
                queue=queue,
            )
        )

    def write(self, event: Event) -> None:
        """Queue; returns at once."""
        for kept in self._clean([event]):
            self._writer.write(kept)

    async def append(self, events: Sequence[Event]) -> int:
        """Write at once, in bulk, past the queue; how many were new. Raises DatabaseUnreachable."""
        return await self._append(self._clean(events))

    async def read(
        self, *, tenant: str, since: datetime, until: datetime, names: Sequence[str] = ()
    ) -> AsyncIterator[Event]:
        """By time, then id; page by page: no connection waits for the reader. Raises DatabaseUnreachable."""
        await self.flush()
        page: dict[str, Any] = {
            "tenant": tenant, "since": since, "until": until, "after": _BEFORE_ALL,
            "names": list(names) or None, "limit": _PAGE,
        }  # fmt: skip
        while True:
            async with self._database.tenant(tenant, readonly=True) as conn:
                rows = await (await conn.execute(_SQL["read_events"], page)).fetchall()
            for row in rows:
                yield read_event(row)
            if len(rows) < _PAGE:
                return
            page |= {"since": rows[-1]["at"], "after": rows[-1]["id"]}

    def _clean(self, events: Sequence[Event]) -> list[Event]:
        found = []
        for event in events:
            kept, faults = cleaned(event)
            for fault in faults:
                log.error("dropped from event %s: %s", event.id, fault)
            if kept is not None:
                props = bared(kept.props, self._bare)
                found.append(kept if props == kept.props else replace(kept, props=props))
        return found

    async def _insert(self, batch: Sequence[Event]) -> None:
        await self._append(batch)

    async def _append(self, events: Sequence[Event]) -> int:
        """One transaction a tenant. An event that is already there stays as it is."""
        new = 0
        in_order = sorted(events, key=lambda one: one.tenant)
        for tenant, several in groupby(in_order, key=lambda one: one.tenant):
            rows = [event_values(one) for one in several]
            async with self._database.tenant(tenant) as conn:
                for start in range(0, len(rows), _AT_ONCE):
                    part = {"events": Json(rows[start : start + _AT_ONCE])}
                    new += (await conn.execute(_SQL["insert_events"], part)).rowcount
        return new
