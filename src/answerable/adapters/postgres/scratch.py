"""A schema that is thrown away: the whole layout beside the real one, for tries that must leave nothing."""

from __future__ import annotations

import psycopg
from psycopg.rows import DictRow, dict_row

from answerable.adapters.postgres.errors import translated
from answerable.adapters.postgres.names import checked_schema, service_role
from answerable.adapters.postgres.statements import composed, statements
from answerable.core.errors import ConfigError

PREFIX = "scratch_"
_SQL = statements("scratch")


async def drop_scratch(owner_url: str, schema: str) -> None:
    """Drop the schema and its service role. Raises ConfigError for one that is no scratch schema."""
    if not checked_schema(schema).startswith(PREFIX):
        raise ConfigError(f"{schema} is no scratch schema, and is left alone")
    role = service_role(schema)
    with translated():
        async with await _connect(owner_url) as conn:
            await conn.execute(composed(_SQL["drop_schema"], {"schema": schema}))
            row = await (await conn.execute(_SQL["has_role"], {"role": role})).fetchone()
            if row is not None and row["yes"]:
                await conn.execute(composed(_SQL["drop_owned"], {"role": role}))
                await conn.execute(composed(_SQL["drop_role"], {"role": role}))


async def leftover_scratch(owner_url: str, *, prefix: str) -> list[str]:
    """Scratch schemas whose names begin like that."""
    with translated():
        async with await _connect(owner_url) as conn:
            rows = await (await conn.execute(_SQL["list_leftovers"], {"prefix": PREFIX + prefix})).fetchall()
    return [str(row["name"]) for row in rows]


async def _connect(owner_url: str) -> psycopg.AsyncConnection[DictRow]:
    return await psycopg.AsyncConnection.connect(owner_url, autocommit=True, row_factory=dict_row)
