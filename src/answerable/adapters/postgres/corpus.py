"""What the index holds, as one hash: equal hashes find the same passages."""

from __future__ import annotations

from datetime import date

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements

_SQL = statements("runs")


async def corpus_sha256(database: Database, *, tenant: str, day: date) -> str:
    """64 hex digits over every document, its chunks and vectors, and whether it is past its review date on `day`;
    and over the recorded conflicts.

    Raises DatabaseUnreachable.
    """
    async with database.index(tenant, readonly=True) as (conn, name):
        row = await (await conn.execute(_SQL["hash_corpus"], {"tenant": name, "day": day})).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always gives a row
    return str(row["sha256"])
