"""Recorded conflicts in Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from answerable.adapters.postgres.access import readable_by
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements
from answerable.core.conflict import ConflictState, DocumentConflict, Recorded, Side
from answerable.core.errors import NotFound
from answerable.core.query import Scope

_SQL = statements("conflicts")


class PostgresConflicts:
    """The Conflicts port. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, *, tenant: str, found: Sequence[DocumentConflict]) -> Recorded:
        """Open, keep and close, in one transaction."""
        values = {
            "found": Jsonb([_row(one) for one in found]),
            "ids": [one.id for one in found],
        }
        async with self._database.index(tenant) as (conn, name):
            values["tenant"] = name
            written = await (await conn.execute(_SQL["open_conflicts"], values)).fetchall()
            closed = await (await conn.execute(_SQL["close_conflicts"], values)).fetchall()
        new = [row["is_new"] for row in written if row["is_conflict"]]
        gone = sum(row["is_conflict"] for row in closed)
        return Recorded(opened=sum(new), known=len(new) - sum(new), closed=gone)

    async def conflicts(self, *, tenant: str) -> list[DocumentConflict]:
        """Not closed ones, by id."""
        async with self._database.index(tenant, readonly=True) as (conn, name):
            rows = await (await conn.execute(_SQL["list_conflicts"], {"tenant": name})).fetchall()
        return [_conflict(row) for row in rows]

    async def decide(self, *, tenant: str, conflict_id: str, state: ConflictState, note: str, by: str) -> None:
        """Raises NotFound."""
        values = {"id": conflict_id, "state": state.value, "note": note, "by": by}
        async with self._database.index(tenant) as (conn, name):
            values["tenant"] = name
            done = await conn.execute(_SQL["decide_conflict"], values)
        if not done.rowcount:
            raise NotFound(
                f"there is no open conflict {conflict_id!r}", hint="`answerable data conflicts` lists them"
            )

    async def both_stand(self, *, tenant: str, conflict_id: str) -> bool:
        """By its key: asked only where a context shows a clash."""
        async with self._database.index(tenant, readonly=True) as (conn, name):
            found = await conn.execute(_SQL["read_both_stand"], {"tenant": name, "id": conflict_id})
            return await found.fetchone() is not None

    async def standing(self, scope: Scope, *, document_ids: Sequence[str]) -> list[DocumentConflict]:
        """For one reader, by id."""
        if not document_ids:
            return []
        values = {**readable_by(scope), "ids": list(document_ids)}
        async with self._database.index(scope.tenant, readonly=True) as (conn, name):
            values["tenant"] = name
            rows = await (await conn.execute(_SQL["find_standing"], values)).fetchall()
        return [_conflict(row) for row in rows]


def _row(one: DocumentConflict) -> dict[str, Any]:
    """As list_conflicts gives it back: left is the first side."""
    places = {
        name: {"start": side.start, "end": side.end, "scope": dict(side.scope)}
        for name, side in (("left", one.first), ("right", one.second))
    }
    return {
        "id": one.id,
        "left_id": one.first.document_id,
        "right_id": one.second.document_id,
        "kind": one.kind,
        "left_text": one.first.text,
        "right_text": one.second.text,
        "detail": {"reason": one.reason, **places, **({"both_stand": True} if one.both_stand else {})},
    }


def _conflict(row: DictRow) -> DocumentConflict:
    return DocumentConflict(
        id=row["id"],
        kind=row["kind"],
        reason=row["detail"].get("reason", ""),
        first=_side(row, "left"),
        second=_side(row, "right"),
        state=ConflictState(row["state"]),
        note=row["note"],
        decided_by=row["decided_by"],
    )


def _side(row: DictRow, name: str) -> Side:
    text, place = row[f"{name}_text"], row["detail"].get(name, {})
    start = place.get("start", 0) if row[f"{name}_start"] is None else row[f"{name}_start"]
    return Side(
        document_id=row[f"{name}_id"],
        text=text,
        start=start,
        end=start + len(text),
        uri=row[f"{name}_uri"],
        source=row[f"{name}_source"],
        title=row[f"{name}_title"],
        owner=row[f"{name}_owner"],
        updated_at=row[f"{name}_updated"],
        scope=place.get("scope", {}),
        chunk_id=row[f"{name}_chunk"] or "",
    )
