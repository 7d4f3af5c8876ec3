"""The answers of a rollout as its guards look at them, from traces, feedback and reviews."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements

_SQL = statements("guards")


async def guarded_answers(
    database: Database, *, tenant: str, rollout: str, since: datetime, until: datetime, heard_s: float
) -> list[Mapping[str, Any]]:
    """In order of time; feedback counts up to `heard_s` seconds after its answer. Raises DatabaseUnreachable."""
    values = {"rollout": rollout, "since": since, "until": until, "seconds": heard_s}
    async with database.tenant(tenant, readonly=True) as conn:
        return list(await (await conn.execute(_SQL["list_guarded"], values)).fetchall())
