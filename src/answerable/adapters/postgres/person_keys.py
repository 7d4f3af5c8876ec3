"""Keys of pseudonyms in Postgres, where every process finds the same ones, and a destroyed one is gone for all."""

from __future__ import annotations

import secrets
from datetime import datetime

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements
from answerable.core.person_key import KEY_BYTES, PersonKey, Rotation

_SQL = statements("person_keys")


class PostgresPersonKeys:
    """The PersonKeys port. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def kept(self, *, tenant: str, rotation: Rotation, now: datetime) -> list[PersonKey]:
        """Make the keys of now and of the time after it, destroy the dead ones, and give those that there are."""
        async with self._database.tenant(tenant) as conn:
            for at in (now, rotation.span(now)[1]):
                starts, ends = rotation.span(at)
                made = {"tenant": tenant, "starts": starts, "ends": ends, "secret": secrets.token_bytes(KEY_BYTES)}
                await conn.execute(_SQL["make_key"], made)
            await conn.execute(_SQL["destroy_keys"], {"tenant": tenant, "before": rotation.dead(now)})
            rows = await (await conn.execute(_SQL["list_keys"], {"tenant": tenant})).fetchall()
        return [PersonKey(**row) for row in rows]

    async def found(self, *, tenant: str) -> list[PersonKey]:
        """Those that there are; nothing is made or destroyed."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await (await conn.execute(_SQL["list_keys"], {"tenant": tenant})).fetchall()
        return [PersonKey(**row) for row in rows]
