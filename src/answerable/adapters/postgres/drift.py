"""What drift is told from, in Postgres: cells of signals, and what was done and happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements
from answerable.core.ports import Happening
from answerable.core.slices import Cell

_SQL = statements("drift")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """A sync that changed the index: documents by what became of them."""

    at: datetime
    source: str
    added: int
    changed: int
    removed: int


class PostgresDrift:
    """Cells are made of events by one statement. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def fold(self, *, tenant: str, since: datetime, until: datetime, keep: timedelta) -> None:
        """Make the cells of [since, until) anew, both the beginning of a block; drop those older than `keep`."""
        values = {"tenant": tenant, "since": since, "until": until, "oldest": until - keep}
        async with self._database.tenant(tenant) as conn:
            await conn.execute(_SQL["drop_cells"], values)
            await conn.execute(_SQL["fold_cells"], values)

    async def newest(self, *, tenant: str) -> datetime | None:
        """The last block that has cells."""
        found: datetime | None = (await self._rows("newest_cell", {"tenant": tenant}))[0]["block"]
        return found

    async def first_event(self, *, tenant: str, since: datetime) -> datetime | None:
        """When the log begins, from `since` on."""
        rows = await self._rows("first_event", {"tenant": tenant, "since": since})
        found: datetime | None = rows[0]["at"]
        return found

    async def read(
        self, *, tenant: str, since: datetime, until: datetime, dimensions: Sequence[str], signal: str = ""
    ) -> list[Cell]:
        """Cells of the dimensions (empty: of all answers), of one signal or of all, by time."""
        wanted = {
            "tenant": tenant,
            "since": since,
            "until": until,
            "dimensions": list(dimensions),
            "signal": signal,
        }
        return [Cell(**row) for row in await self._rows("read_cells", wanted)]

    async def documents(
        self, *, tenant: str, signal: str, since: datetime, start: datetime, until: datetime
    ) -> list[dict[str, Any]]:
        """Documents that stand in many more answers of [start, until) than of [since, start), the worst first."""
        wanted = {"tenant": tenant, "signal": signal, "since": since, "start": start, "until": until}
        return await self._rows("compare_documents", wanted)

    async def happened(
        self, *, tenant: str, since: datetime, until: datetime, names: Sequence[str]
    ) -> list[Happening]:
        """Of these names, in order of time."""
        wanted = {"tenant": tenant, "since": since, "until": until, "names": list(names)}
        return [Happening(tenant=tenant, **row) for row in await self._rows("list_happened", wanted)]

    async def syncs(self, *, tenant: str, since: datetime, until: datetime) -> list[Sync]:
        """Those that changed something, in order of time."""
        wanted = {"tenant": tenant, "since": since, "until": until}
        return [Sync(**row) for row in await self._rows("list_syncs", wanted)]

    async def _rows(self, name: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        async with self._database.tenant(values["tenant"], readonly=True) as conn:
            return await (await conn.execute(_SQL[name], values)).fetchall()
