"""How things stand in the database, as figures: what is searched, how fresh it is, and what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements
from answerable.core.figures import Sample

_SQL = statements("standing")
_OF_INDEX = {
    "chunks": "answerable_index_chunks",
    "documents": "answerable_documents",
    "stale": "answerable_documents_stale",
    "conflicts": "answerable_conflicts_open",
    "lag_s": "answerable_index_lag_seconds",
}


async def standing_figures(
    database: Database, *, tenant: str, sources: Sequence[str], now: datetime
) -> Sequence[Sample]:
    """Of one tenant; of `sources` those that were ever looked at. What is not known is not among them.

    Raises DatabaseUnreachable.
    """
    async with database.index(tenant, readonly=True) as (conn, name):
        given = {"tenant": name, "today": now.date(), "now": now}
        index = await (await conn.execute(_SQL["read_of_index"], given)).fetchone()
    async with database.tenant(tenant, readonly=True) as conn:
        given = {"tenant": tenant, "now": now}
        waits = await (await conn.execute(_SQL["read_of_tenant"], given)).fetchone()
        ages = await (await conn.execute(_SQL["read_sources"], given)).fetchall()
    found = [
        Sample(name=figure, value=float(value))
        for column, figure in _OF_INDEX.items()
        if index is not None and (value := index[column]) is not None
    ]
    if waits is not None:
        found.append(Sample(name="answerable_quarantine_open", value=float(waits["quarantine"])))
        found.append(Sample(name="answerable_review_overdue_seconds", value=float(waits["overdue_s"] or 0.0)))
    return found + [
        Sample(name="answerable_source_age_seconds", labels=(row["source"],), value=float(row["age_s"]))
        for row in ages
        if row["source"] in sources
    ]
