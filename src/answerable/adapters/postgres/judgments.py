"""What judges said, in Postgres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements

_SQL = statements("judgments")


class PostgresJudgments:
    """The Judgments port. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, *, tenant: str, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """By key; what was never judged is left out."""
        if not keys:
            return {}
        async with self._database.tenant(tenant) as conn:
            found = await conn.execute(_SQL["find_judgments"], {"tenant": tenant, "keys": list(keys)})
            return {row["key"]: row["said"] async for row in found}

    async def put(self, *, tenant: str, key: str, judgment: Mapping[str, Any]) -> None:
        """Keep it; a key that is there already keeps what it has."""
        values = {"tenant": tenant, "key": key, "said": Jsonb(dict(judgment))}
        async with self._database.tenant(tenant) as conn:
            await conn.execute(_SQL["keep_judgment"], values)
