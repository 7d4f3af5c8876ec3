"""A tenant's indexes beside each other: one begun, filled, switched to, gone back to, and taken away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from answerable.adapters.postgres.database import Connection, Database
from answerable.adapters.postgres.statements import statements
from answerable.adapters.postgres.store import PostgresStore
from answerable.core.errors import ConfigError, NotFound

_SQL = statements("generations")
_TOGETHER = 200  # documents taken out at once

State = Literal["building", "active", "previous"]


class NotTheSame(ConfigError):  # noqa: N818 - reads as what it is
    """The two indexes do not hold the same documents: files changed meanwhile, or cannot be read any more."""

    code = "not_the_same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One index of a tenant. `name` is what its rows carry as their tenant; `detail` what it was built for."""

    name: str
    state: State
    note: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    created_at: datetime | None = None
    switched_at: datetime | None = None
    documents: int = 0
    chunks: int = 0
    embedding: str | None = None


class PostgresGenerations:
    """docs/decisions/0115-second-index.md. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, *, tenant: str) -> list[Generation]:
        """Oldest first, each with what it holds; one that is active always."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await _rows(conn, "list_generations", {"tenant": tenant})
        known = [dict(row) for row in rows] or [{"name": tenant, "state": "active", "note": "the first"}]
        return [Generation(**one, **await self._measure(tenant, one["name"])) for one in known]

    async def begin(self, *, tenant: str, note: str, detail: Mapping[str, Any]) -> Generation:
        """A new one to be filled, or the one that was begun for the same `detail`.

        Raises ConfigError where another is being built.
        """
        async with self._database.tenant(tenant) as conn:
            await conn.execute(_SQL["lock_generations"], {"tenant": tenant})
            await conn.execute(_SQL["keep_first"], {"tenant": tenant})
            rows = await _rows(conn, "list_generations", {"tenant": tenant})
            for row in rows:
                if row["state"] == "building" and row["detail"] == dict(detail):
                    return Generation(**row)
                if row["state"] == "building":
                    raise ConfigError(
                        f"another index is being built: {row['note']}",
                        hint="finish it with `answerable index switch`, or `answerable index vacuum --building`",
                    )
            name = f"{tenant}#{1 + max(_number(row['name'], tenant) for row in rows)}"
            values = {"tenant": tenant, "name": name, "note": note, "detail": Jsonb(dict(detail))}
            await conn.execute(_SQL["add_generation"], values)
        return Generation(name=name, state="building", note=note, detail=dict(detail))

    async def switch(self, *, tenant: str, name: str, even_if_different: bool = False) -> None:
        """Make it the one that is searched, in one transaction in which nobody writes.

        Raises NotTheSame where it does not hold the very documents of the active one, and NotFound.
        """
        async with self._database.tenant(tenant) as conn:
            at = {"tenant": tenant, "name": name}
            await conn.execute(_SQL["lock_generations"], at)
            rows = {row["name"]: row for row in await _rows(conn, "list_generations", at)}
            if name not in rows:
                raise NotFound(f"there is no index {name!r}", hint="`answerable index status` names them")
            active = next((one["name"] for one in rows.values() if one["state"] == "active"), tenant)
            if active == name:
                return
            if not even_if_different:
                old, new = await _digest(conn, tenant, active), await _digest(conn, tenant, name)
                if old["digest"] != new["digest"]:
                    raise NotTheSame(
                        f"the new index holds {new['documents']} documents, the active one {old['documents']}, and"
                        " they are not the same",
                        hint="files that changed or cannot be read any more: `answerable ingest` names them",
                    )
            await conn.execute(_SQL["switch_generation"], at)

    async def drop(self, *, tenant: str, name: str) -> int:
        """Take one away that is not active, some documents at a time; returns how many there were."""
        store = PostgresStore(self._database, generation=name)
        gone = 0
        while ids := await self._some(tenant, name):
            gone += await store.remove(tenant=tenant, document_ids=ids)
        async with self._database.index(tenant, generation=name) as (conn, own):
            await conn.execute(_SQL["forget_generation"], {"name": own})
            await conn.execute(_SQL["close_index"], {"tenant": tenant})
            await conn.execute(_SQL["delete_generation"], {"tenant": tenant, "name": name})
        return gone

    async def bytes_per_chunk(self, *, tenant: str) -> float | None:
        """On disk, of all tenants' index tables together; None before statistics were taken."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            (row,) = await _rows(conn, "measure_tables", {})
        return row["bytes"] / row["chunks"] if row["bytes"] and (row["chunks"] or 0) > 0 else None

    async def _measure(self, tenant: str, name: str) -> DictRow:
        async with self._database.index(tenant, generation=name, readonly=True) as (conn, own):
            (row,) = await _rows(conn, "measure_generation", {"name": own})
        return row

    async def _some(self, tenant: str, name: str) -> list[str]:
        async with self._database.index(tenant, generation=name, readonly=True) as (conn, own):
            rows = await _rows(conn, "some_documents", {"name": own, "limit": _TOGETHER})
        return [row["id"] for row in rows]


async def _digest(conn: Connection, tenant: str, name: str) -> DictRow:
    await conn.execute(_SQL["open_index"], {"tenant": tenant, "wanted": name, "writing": False})
    (row,) = await _rows(conn, "digest_documents", {"name": name})
    await conn.execute(_SQL["close_index"], {"tenant": tenant})
    return row


async def _rows(conn: Connection, name: str, values: Mapping[str, Any]) -> list[DictRow]:
    return await (await conn.execute(_SQL[name], values)).fetchall()


def _number(name: str, tenant: str) -> int:
    return int(name.removeprefix(f"{tenant}#")) if name != tenant else 1
