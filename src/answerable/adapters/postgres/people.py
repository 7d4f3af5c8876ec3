"""What the database knows of a person: all of it to take along, and all of it gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from answerable.adapters.entry import plain
from answerable.adapters.postgres.audit import append
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements
from answerable.core.event_names import LINKED, PERSONAL

_SQL = statements("people")
Receipt = Callable[[Mapping[str, int]], Mapping[str, object]]  # of the rows by table; it has `by`


class PostgresPeople:
    """Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(
        self, *, tenant: str, person: str, known_as: Sequence[bytes] = ()
    ) -> dict[str, list[dict[str, Any]]]:
        """Every row that is the person's, by table, as JSON-able values. `known_as`: as in `forget`."""
        found: dict[str, list[dict[str, Any]]] = {}
        wanted = {"tenant": tenant, "person": person, "known_as": list(known_as)}
        async with self._database.tenant(tenant, readonly=True) as conn:
            for statement in (_SQL["export"], _SQL["export_log"]):
                for row in await (await conn.execute(statement, wanted)).fetchall():
                    found.setdefault(row["name"], []).append(row["row"])
        return found

    async def traces(self, *, tenant: str, person: str) -> list[str]:
        """The ids of their traces."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await (await conn.execute(_SQL["traces_of"], {"tenant": tenant, "person": person})).fetchall()
        return [str(row["id"]) for row in rows]

    async def forget(
        self,
        *,
        tenant: str,
        person: str,
        pseudonym: str,
        receipt: Receipt | None = None,
        known_as: Sequence[bytes] = (),
    ) -> dict[str, int]:
        """Rows by table, with what `receipt` makes of them in the audit log: both hold, or neither. Its subject is
        the pseudonym: the log does not say who it was. Without a receipt it is tried, and taken back.

        `known_as`: their pseudonyms in the log of events.
        """
        values = {"person": person, "pseudonym": pseudonym, "known_as": list(known_as)}
        async with self._database.tenant(tenant) as conn, conn.transaction(force_rollback=receipt is None):
            rows = _counts(await (await conn.execute(_SQL["forget_log"], values)).fetchone())
            rows |= _counts(await (await conn.execute(_SQL["forget"], values)).fetchone())
            if receipt is not None:
                said = receipt(rows)
                by = str(said["by"])
                await append(conn, actor=by, action="person.forget", subject=pseudonym, detail=plain(dict(said)))
        return rows

    async def purge(
        self, *, tenant: str, messages_s: float | None, traces_s: float | None, events_s: float | None, dry: bool
    ) -> dict[str, int]:
        """Delete what is older, in seconds; None: never. Rows by table."""
        values = {"messages_s": messages_s, "traces_s": traces_s, "events_s": events_s}
        async with self._database.tenant(tenant) as conn, conn.transaction(force_rollback=dry):
            row = await (await conn.execute(_SQL["purge"], values)).fetchone()
        return _counts(row)

    async def purge_log(
        self, *, tenant: str, persons_s: float | None, links_s: float, events_s: float | None, dry: bool
    ) -> dict[str, int]:
        """The same of the log of events: what one person did, what ties two pseudonyms, and the rest."""
        values = {
            "personal": sorted(PERSONAL), "links": LINKED, "persons_s": persons_s, "links_s": links_s,
            "events_s": events_s,
        }  # fmt: skip
        async with self._database.tenant(tenant) as conn, conn.transaction(force_rollback=dry):
            row = await (await conn.execute(_SQL["purge_log"], values)).fetchone()
        if not dry:
            async with self._database.nobody() as conn:
                await conn.execute(_SQL["drop_days"])
        return _counts(row)


def _counts(row: Mapping[str, Any] | None) -> dict[str, int]:
    assert row is not None  # noqa: S101 - the function always gives a row
    return {name: int(count) for name, count in row["told"].items()}
