"""When each source was last read to its end."""

from __future__ import annotations

from datetime import datetime

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements

_SQL = statements("alerts")


async def last_syncs(database: Database, *, tenant: str) -> dict[str, datetime | None]:
    """By source, of the active index; None: never. Raises DatabaseUnreachable."""
    async with database.index(tenant, readonly=True) as (conn, name):
        rows = await (await conn.execute(_SQL["last_syncs"], {"tenant": name})).fetchall()
    return {row["source"]: row["at"] for row in rows}
