"""Happenings in Postgres: append-only, written behind the work."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb

from answerable.adapters.entry import bared, plain, unmasked
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.spool import Form, Spool
from answerable.adapters.postgres.spooled import Behind, Spooled, Writing
from answerable.adapters.postgres.statements import statements
from answerable.core.happenings import cleaned
from answerable.core.ports import Happening

log = logging.getLogger(__name__)
_SQL = statements("happenings")


def _load(values: Mapping[str, Any]) -> Happening:
    return Happening(**{**values, "at": datetime.fromisoformat(values["at"])})


EVENTS: Form[Happening] = Form(dump=lambda one: plain(asdict(one) | {"at": one.at.isoformat()}), load=_load)


class PostgresHappenings(Behind[Happening]):
    """The Happenings port. Open it with `async with`.

    `home` is the tenant that owns what belongs to none, such as a change of model; `bare` takes credentials out.
    A prop that is not in the list of names is dropped, and the log says so; so is an event without a known name.
    """

    def __init__(
        self,
        database: Database,
        *,
        spool: Path,
        home: str,
        bare: Callable[[str], str] = unmasked,
        queue: int = 1000,
    ) -> None:
        self._database, self._home, self._bare = database, home, bare
        super().__init__(
            Spooled(
                Writing(name="happenings", insert=self._insert, label=lambda one: f"{one.name} {one.id}"),
                spool=Spool(spool, EVENTS),
                queue=queue,
            )
        )

    def write(self, happening: Happening) -> None:
        """Queue; returns at once."""
        kept, faults = cleaned(happening)
        for fault in faults:
            log.error("dropped from happening %s: %s", happening.id, fault)
        if kept is not None:
            self._writer.write(
                replace(kept, tenant=kept.tenant or self._home, props=plain(bared(kept.props, self._bare)))
            )

    async def latest(self, *, tenant: str, name: str = "", limit: int = 50) -> list[Happening]:
        """Newest first."""
        await self.flush()
        wanted = {"name": name or None, "limit": limit}
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await (await conn.execute(_SQL["list_happenings"], wanted)).fetchall()
        return [Happening(**row) for row in rows]

    async def _insert(self, batch: Sequence[Happening]) -> None:
        in_order = sorted(batch, key=lambda one: one.tenant)
        for tenant, several in groupby(in_order, key=lambda one: one.tenant):
            rows = [asdict(one) | {"props": Jsonb(one.props)} for one in several]
            async with self._database.tenant(tenant) as conn, conn.cursor() as cursor:
                await cursor.executemany(_SQL["insert_happening"], rows)
