"""Incidents in Postgres."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from answerable.adapters.entry import plain
from answerable.adapters.postgres.audit import append
from answerable.adapters.postgres.database import Connection, Database
from answerable.adapters.postgres.statements import statements
from answerable.core.errors import NotFound
from answerable.core.incident import Blocked, Exposure, Incident

_SQL = statements("incidents")
_LISTED = "`answerable incident list --all` shows them"
_BATCH = 2000
_FIELDS = ("answer_id", "principal", "at", "outcome", "language", "how")


class PostgresIncidents:
    """The Incidents port. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, *, tenant: str, incident: Incident, by: str) -> Incident:
        """Begin it. Raises NotFound for a document or an answer that is not known."""
        value, question = incident.value, incident.question
        if incident.kind is Blocked.DOC:
            value = await self._document(tenant, value)
        async with self._database.tenant(tenant) as conn:
            if incident.kind is Blocked.ANSWER:
                value, question = await _answer(conn, tenant, value)
            values = {
                "tenant": tenant,
                "id": incident.id,
                "kind": incident.kind.value,
                "value": plain(value),
                "question": plain(question),
                "reason": plain(incident.reason),
                "message": Jsonb(plain(dict(incident.message))),
                "by": plain(by),
            }
            row = await (await conn.execute(_SQL["open_incident"], values)).fetchone()
            assert row is not None  # noqa: S101 - the statement always gives a row
            one = _incident(row)
            await _note(conn, one, "incident.open", by)
        return one

    async def close(self, *, tenant: str, reference: str, by: str) -> Incident:
        """End it. Raises NotFound."""
        async with self._database.tenant(tenant) as conn:
            one = await _found(conn, tenant, reference)
            values = {"tenant": tenant, "id": one.id, "by": plain(by)}
            row = await (await conn.execute(_SQL["close_incident"], values)).fetchone()
            if row is None:
                return one
            one = _incident(row)
            await _note(conn, one, "incident.close", by)
        return one

    async def listed(self, *, tenant: str, every: bool = False) -> list[Incident]:
        """Newest first."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            wanted = {"tenant": tenant, "every": every}
            rows = await (await conn.execute(_SQL["list_incidents"], wanted, prepare=True)).fetchall()
        return [_incident(row) for row in rows]

    async def seen(self, *, tenant: str, incident: Incident, matches: Callable[[str], bool]) -> list[Exposure]:
        """Every stored answer that it touches; all are read one batch after the other for a topic."""
        values = {"tenant": tenant, "value": incident.value, "source": Jsonb([{"document": incident.value}])}
        async with self._database.tenant(tenant, readonly=True) as conn:
            if incident.kind is Blocked.TOPIC:
                return await _with_topic(conn, values, matches)
            name = "seen_document" if incident.kind is Blocked.DOC else "seen_answer"
            rows = await (await conn.execute(_SQL[name], values)).fetchall()
        return [_exposure(row) for row in rows]

    async def _document(self, tenant: str, value: str) -> str:
        async with self._database.index(tenant, readonly=True) as (conn, name):
            wanted = {"tenant": name, "value": value}
            row = await (await conn.execute(_SQL["find_blocked_document"], wanted)).fetchone()
        if row is None:
            raise NotFound(f"there is no document {value!r}", hint="`answerable doc list` shows them")
        return str(row["id"])


async def _answer(conn: Connection, tenant: str, value: str) -> tuple[str, str]:
    row = await (await conn.execute(_SQL["find_blocked_answer"], {"tenant": tenant, "value": value})).fetchone()
    if row is None:
        raise NotFound(f"there is no answer {value!r}", hint="`answerable trace list` shows them")
    return str(row["id"]), str(row["question"])


async def _found(conn: Connection, tenant: str, reference: str) -> Incident:
    wanted = {"tenant": tenant, "reference": reference}
    rows = await (await conn.execute(_SQL["find_incidents"], wanted)).fetchall()
    if not rows or not reference:
        raise NotFound(f"there is no incident {reference!r}", hint=_LISTED)
    if len(rows) > 1 and rows[0]["id"] != reference:
        raise NotFound(f"several incidents begin with {reference!r}", hint="give more of the id")
    return _incident(rows[0])


async def _with_topic(conn: Connection, values: dict[str, Any], matches: Callable[[str], bool]) -> list[Exposure]:
    found = []
    async with conn.cursor(name="answers") as cursor:
        await cursor.execute(_SQL["every_answer"], values)
        while rows := await cursor.fetchmany(_BATCH):
            for row in rows:
                how = "said" if matches(row["said"]) else "asked" if matches(row["asked"]) else ""
                if how:
                    found.append(_exposure({**row, "how": how}))
    return found


async def _note(conn: Connection, one: Incident, action: str, by: str) -> None:
    detail = {"kind": one.kind.value, "value": one.value, "reason": one.reason}
    await append(conn, actor=by, action=action, subject=one.id, detail=detail)


def _incident(row: DictRow) -> Incident:
    return Incident(
        id=row["id"],
        kind=Blocked(row["kind"]),
        value=row["value"],
        reason=row["reason"],
        message=row["message"],
        question=row["question"],
        opened_at=row["opened_at"],
        opened_by=row["opened_by"],
        closed_at=row["closed_at"],
        closed_by=row["closed_by"],
    )


def _exposure(row: DictRow) -> Exposure:
    return Exposure(conversation=row["conversation"] or "", **{name: row[name] for name in _FIELDS})
