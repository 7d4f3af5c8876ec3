"""The journal's rows: entries into the tables, and back out as JSON-able values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import groupby
from typing import Any

from psycopg.types.json import Jsonb

from answerable.adapters.entry import Entry, plain
from answerable.adapters.postgres.database import Connection, Database
from answerable.adapters.postgres.statements import statements
from answerable.core.errors import NotFound

_SQL = statements("journal")
_AFTER_ALL = "\U0010ffff"  # no id goes on with it


async def insert_entries(database: Database, entries: Sequence[Entry]) -> None:
    """One transaction a tenant. An entry that is already there stays as it is."""
    in_order = sorted(entries, key=lambda entry: entry.tenant)
    for tenant, several in groupby(in_order, key=lambda entry: entry.tenant):
        async with database.tenant(tenant) as conn:
            await _insert(conn, list(several))


async def _insert(conn: Connection, entries: list[Entry]) -> None:
    rows = [_row(entry) for entry in entries]
    in_conversations = [row for row in rows if row["conversation"]]
    async with conn.cursor() as cursor:
        await cursor.executemany(_SQL["insert_trace"], rows)
        await cursor.executemany(_SQL["insert_step"], [row for entry in entries for row in _step_rows(entry)])
        await cursor.executemany(_SQL["insert_answer"], rows)
        await cursor.executemany(_SQL["insert_conversation"], in_conversations)
        await cursor.executemany(_SQL["insert_turns"], in_conversations)


def _row(entry: Entry) -> dict[str, Any]:
    # Field by field: asdict would copy every candidate and prompt of the trace, beside the next answer.
    own = {one.name: getattr(entry, one.name) for one in fields(entry)}
    return {**own, "detail": Jsonb(entry.detail), "record": Jsonb(entry.record)}


def _step_rows(entry: Entry) -> list[dict[str, Any]]:
    shared = {"tenant": entry.tenant, "trace_id": entry.trace_id, "started_at": entry.started_at}
    return [{**shared, **step, "n": n, "detail": Jsonb(step["detail"])} for n, step in enumerate(entry.steps)]


async def read_trace(conn: Connection, reference: str) -> dict[str, Any]:
    """By id, unique prefix or `latest`. Raises NotFound."""
    key = await _find(conn, reference)
    trace = await (await conn.execute(_SQL["get_trace"], key)).fetchone()
    if trace is None:
        raise NotFound(f"there is no trace {reference}")
    steps = await (await conn.execute(_SQL["get_steps"], key)).fetchall()
    said = await (await conn.execute(_SQL["get_feedback"], trace)).fetchall()
    detail = trace.pop("detail")
    attempts = [attempt for step in steps for attempt in step["detail"].get("attempts", ())]
    found: dict[str, Any] = plain({**trace, **detail, "attempts": attempts, "steps": steps, "feedback": said})
    return found


async def _find(conn: Connection, reference: str) -> Mapping[str, Any]:
    if reference == "latest":
        found = await (await conn.execute(_SQL["find_latest"])).fetchall()
    else:
        span = {"prefix": reference, "after": reference + _AFTER_ALL}
        found = await (await conn.execute(_SQL["find_trace"], span)).fetchall()
    if not found:
        raise NotFound(f"there is no trace {reference}", hint="`answerable trace list` shows the newest")
    if len(found) > 1 and found[0]["id"] != reference:
        raise NotFound(f"several traces begin with {reference}", hint="give more of the id")
    return found[0]
