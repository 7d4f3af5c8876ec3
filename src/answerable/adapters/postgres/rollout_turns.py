"""One process at a time looks at a rollout: a lock of the database, which nobody has to give back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements

_SQL = statements("rollouts")


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutTurns:
    """Turns of one tenant's processes."""

    database: Database
    tenant: str

    @asynccontextmanager
    async def take(self, rollout: str) -> AsyncIterator[bool]:
        """Whether it is ours while this is open; never waits for another process. Raises DatabaseUnreachable."""
        async with self.database.tenant(self.tenant) as conn:
            row = await (await conn.execute(_SQL["try_turn"], {"rollout": rollout})).fetchone()
            yield row is not None and bool(row["mine"])
