"""Who has credentials, in Postgres; and who failed to show that they are somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

from answerable.adapters.postgres.audit import append
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements
from answerable.core.errors import NotFound
from answerable.core.ports import Person

_SQL = statements("persons")


class PostgresPersons:
    """The Persons port. A change and its row in the audit log are one transaction. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def persons(self, *, tenant: str) -> list[Person]:
        """By id."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await (await conn.execute(_SQL["list_persons"], {"tenant": tenant})).fetchall()
        return [Person(**{**row, "roles": _some(row["roles"]), "groups": _some(row["groups"])}) for row in rows]

    async def suspend(self, *, tenant: str, person: str, by: str, suspended: bool = True) -> None:
        """Every credential refuses from now on; or opens again. Raises NotFound."""
        action = "person.suspend" if suspended else "person.restore"
        values = {"tenant": tenant, "person": person, "suspended": suspended}
        if not await self._change("suspend", values, by, action, {}):
            raise NotFound(f"nobody here is called {person!r}", hint="`answerable person list` names them")

    async def bound(
        self,
        *,
        tenant: str,
        person: str,
        by: str,
        roles: Sequence[str] | None = None,
        groups: Sequence[str] | None = None,
    ) -> None:
        """What the person may at most; None lifts the bound. Makes the person."""
        bounds = {
            name: None if given is None else list(given) for name, given in (("roles", roles), ("groups", groups))
        }
        await self._change("bound", {"tenant": tenant, "person": person, **bounds}, by, "person.bound", bounds)

    async def sign_out(self, *, tenant: str, person: str, by: str) -> int:
        """Revoke every session of the person, and every link; returns how many."""
        return await self._change("sign_out", {"tenant": tenant, "person": person}, by, "session.revoke_all", {})

    async def _change(
        self, statement: LiteralString, values: Mapping[str, Any], by: str, action: str, detail: Mapping[str, Any]
    ) -> int:
        async with self._database.tenant(values["tenant"]) as conn:
            changed = (await conn.execute(_SQL[statement], values)).rowcount
            if changed:
                await append(conn, actor=by, action=action, subject=values["person"], detail=detail)
        return changed


class PostgresAttempts:
    """The Attempts port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def failed(self, *, tenant: str, who: str, window_s: float) -> int:
        """One more; how many in the window, this one included."""
        values = {"tenant": tenant, "who": who, "window_s": window_s}
        async with self._database.tenant(tenant) as conn:
            await conn.execute(_SQL["failed"], values)
            await conn.execute(_SQL["forget_attempts"], values)
            row = await (await conn.execute(_SQL["count_attempts"], values)).fetchone()
        return int(row["count"]) if row else 0

    async def count(self, *, tenant: str, who: str, window_s: float) -> int:
        """How many in the window."""
        values = {"tenant": tenant, "who": who, "window_s": window_s}
        async with self._database.tenant(tenant, readonly=True) as conn:
            row = await (await conn.execute(_SQL["count_attempts"], values)).fetchone()
        return int(row["count"]) if row else 0


def _some(given: list[str] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(given)
