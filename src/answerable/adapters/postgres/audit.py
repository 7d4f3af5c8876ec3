"""The audit log in Postgres. The database makes the chain; the service may append and read, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from answerable.adapters.entry import plain
from answerable.adapters.postgres.database import Connection, Database
from answerable.adapters.postgres.statements import statements
from answerable.core.audit import BEGINNING, AuditRow, Chain

_SQL = statements("audit")
_WHY = {
    "missing": "it is missing; row {found} follows",
    "unlinked": "it does not follow the row before it",
    "changed": "its contents are not what its hash says",
}


async def append(
    conn: Connection, *, actor: str, action: str, subject: str, detail: Mapping[str, Any] | None = None
) -> AuditRow:
    """Write one row in a transaction that is under way, as its last statement: both hold, or neither."""
    values = {"actor": plain(actor), "action": action, "subject": plain(subject)}
    row = await (
        await conn.execute(_SQL["append"], {**values, "detail": Jsonb(plain(dict(detail or {})))})
    ).fetchone()
    assert row is not None  # noqa: S101 - the function always gives a row
    return AuditRow(**row)


class PostgresAudit:
    """The Audit port. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(
        self, *, tenant: str, actor: str, action: str, subject: str, detail: Mapping[str, Any] | None = None
    ) -> AuditRow:
        """Write one row, for good."""
        async with self._database.tenant(tenant) as conn:
            return await append(conn, actor=actor, action=action, subject=subject, detail=detail)

    async def rows(self, *, tenant: str, after: int = 0, limit: int = 100) -> list[AuditRow]:
        """Oldest first, from the row after number `after` on."""
        return await self._list("list_rows", tenant, {"after": after, "limit": limit})

    async def latest(self, *, tenant: str, limit: int = 50, action: str = "", subject: str = "") -> list[AuditRow]:
        """Newest first."""
        return await self._list("list_latest", tenant, {"limit": limit, "action": action, "subject": subject})

    async def verify(self, *, tenant: str, n: int = 0, head: str = "") -> Chain:
        """Compute the chain again, in the database."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            row = await (await conn.execute(_SQL["check_chain"], {"tenant": tenant, "n": n})).fetchone()
        assert row is not None  # noqa: S101 - the statement always gives a row
        if row["broken"] is None and head and row["noted"] != head:
            why = "it is gone" if row["noted"] is None else "it had another hash when that was noted"
            return Chain(rows=row["rows"], head=row["head"] or BEGINNING, broken=n, why=why)
        return _chain(row)

    async def _list(self, statement: str, tenant: str, values: Mapping[str, Any]) -> list[AuditRow]:
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await (await conn.execute(_SQL[statement], {**values, "tenant": tenant})).fetchall()
        return [AuditRow(**row) for row in rows]


def _chain(row: DictRow) -> Chain:
    why = _WHY.get(row["why"] or "", "").format(found=row["found"])
    return Chain(rows=row["rows"], head=row["head"] or BEGINNING, broken=row["broken"], why=why)
