"""Held documents in Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from answerable.adapters.postgres.audit import append
from answerable.adapters.postgres.database import Connection, Database
from answerable.adapters.postgres.held_row import held_from, held_values
from answerable.adapters.postgres.statements import statements
from answerable.core.errors import NotFound
from answerable.core.quarantine import HeldDocument, HeldState

_SQL = statements("quarantine")
_LISTED = "`answerable quarantine list --all` shows them"
_ACTIONS = {HeldState.RELEASED: "quarantine.release", HeldState.REJECTED: "quarantine.reject"}


class PostgresQuarantine:
    """The Quarantine port. Every decision is in the audit log. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def hold(self, *, tenant: str, held: HeldDocument) -> bool:
        """Whether it is new; an older text of the file that still waits goes."""
        values = held_values(held, tenant=tenant)
        async with self._database.tenant(tenant) as conn:
            await conn.execute(_SQL["drop_waiting"], {**values, "uris": [held.uri], "but": held.id})
            return await (await conn.execute(_SQL["hold"], values)).fetchone() is not None

    async def known(self, *, tenant: str, source: str) -> list[HeldDocument]:
        """Of one source, in any state, without the documents."""
        return await self._listed("list_source", {"tenant": tenant, "source": source})

    async def listed(self, *, tenant: str, state: HeldState | None = HeldState.HELD) -> list[HeldDocument]:
        """Newest first, without the documents; None: of every state."""
        return await self._listed("list_state", {"tenant": tenant, "state": state.value if state else None})

    async def get(self, *, tenant: str, reference: str) -> HeldDocument:
        """By id, unique beginning of it, or uri. Raises NotFound."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            found = await (
                await conn.execute(_SQL["find_held"], {"tenant": tenant, "reference": reference})
            ).fetchall()
            if not found:
                raise NotFound(f"nothing is held under {reference!r}", hint=_LISTED)
            exact = reference in (found[0]["id"], found[0]["uri"])
            if len(found) > 1 and not exact:
                raise NotFound(f"several held texts begin with {reference!r}", hint="give more of the id")
            row = await (
                await conn.execute(_SQL["read_held"], {"tenant": tenant, "id": found[0]["id"]})
            ).fetchone()
        assert row is not None  # noqa: S101 - found in this very snapshot
        return held_from(row)

    async def decide(self, *, tenant: str, id: str, state: HeldState, by: str, note: str) -> HeldDocument:  # noqa: A002
        """Raises NotFound."""
        values = {"tenant": tenant, "id": id, "state": state.value, "by": by, "note": note}
        async with self._database.tenant(tenant) as conn:
            row = await (await conn.execute(_SQL["decide"], values)).fetchone()
            if row is None:
                raise NotFound(f"nothing is held under {id!r}", hint=_LISTED)
            one = held_from(row)
            await _audit(conn, one, action=_ACTIONS[state], by=by, note=note)
        return one

    async def reject(self, *, tenant: str, held: Sequence[HeldDocument], by: str, note: str) -> None:
        """Send texts away, in one transaction."""
        async with self._database.tenant(tenant) as conn:
            for one in held:
                await conn.execute(_SQL["reject"], held_values(one, tenant=tenant) | {"by": by, "note": note})
            for one in held:
                await _audit(conn, one, action=_ACTIONS[HeldState.REJECTED], by=by, note=note)

    async def forget(self, *, tenant: str, source: str, uris: Sequence[str]) -> None:
        """What waited of these files needs no decision."""
        values = {"tenant": tenant, "source": source, "uris": list(uris), "but": ""}
        async with self._database.tenant(tenant) as conn:
            await conn.execute(_SQL["drop_waiting"], values)

    async def _listed(self, name: str, values: dict[str, Any]) -> list[HeldDocument]:
        async with self._database.tenant(values["tenant"], readonly=True) as conn:
            rows = await (await conn.execute(_SQL[name], values)).fetchall()
        return [held_from(row) for row in rows]


async def _audit(conn: Connection, one: HeldDocument, *, action: str, by: str, note: str) -> None:
    detail = {"uri": one.uri, "source": one.source, "document": one.document_id, "note": note}
    await append(conn, actor=by, action=action, subject=one.id, detail=detail)
