"""The codes of chunks' tokens, read back from Postgres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psycopg.rows import tuple_row

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements

_SQL = statements("codes")


class PostgresTokenCodes:
    """A TokenCodes. PostgresStore writes them. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def codes(self, *, tenant: str, chunk_ids: Sequence[str]) -> Mapping[str, bytes]:
        """By chunk id; chunks without a code are left out."""
        async with (
            self._database.index(tenant, readonly=True) as (conn, name),
            conn.cursor(row_factory=tuple_row, binary=True) as cursor,
        ):
            await cursor.execute(_SQL["read_codes"], {"tenant": name, "ids": list(chunk_ids)}, prepare=True)
            return dict(await cursor.fetchall())

    async def missing(self, *, tenant: str) -> int:
        """Searched chunks that have no code."""
        async with self._database.index(tenant, readonly=True) as (conn, name):
            row = await (await conn.execute(_SQL["count_missing"], {"tenant": name})).fetchone()
        return int(row["chunks"]) if row else 0
