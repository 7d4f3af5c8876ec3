"""Sets of topics in Postgres, by version; the newest one is what questions are told by."""

from __future__ import annotations

from datetime import datetime

from psycopg.types.json import Jsonb

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements

_SQL = statements("topics")
_KEPT = 26  # half a year of weeks


class PostgresTopics:
    """Kept as plain values (Topics.as_json). Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, *, tenant: str, version: str, topics: dict[str, object]) -> None:
        """One more set; of the old ones the last 26 stay."""
        values = {
            "tenant": tenant,
            "version": version,
            "made_at": topics["made_at"],
            "model": topics["model"],
            "topics": Jsonb(topics),
        }
        async with self._database.tenant(tenant) as conn:
            await conn.execute(_SQL["keep_topics"], values)
            await conn.execute(_SQL["drop_topics"], {"tenant": tenant, "keep": _KEPT})

    async def newest(self, *, tenant: str, model: str, by: datetime | None = None) -> dict[str, object] | None:
        """The last set that was made by then in the space of `model`; None where there is none."""
        wanted = {"tenant": tenant, "model": model, "by": by}
        async with self._database.tenant(tenant, readonly=True) as conn:
            row = await (await conn.execute(_SQL["newest_topics"], wanted)).fetchone()
        return None if row is None else dict(row["topics"])
