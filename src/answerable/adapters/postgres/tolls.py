"""Tolls in Postgres: one function call charges every meter or none, whichever process asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg.types.json import Jsonb

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements
from answerable.core.toll import (
    NOTHING,
    PASSAGES,
    SHAPES,
    Charge,
    Room,
    Settlement,
    Toll,
    View,
    Walk,
    counted,
    place,
)

_SQL = statements("tolls")


class PostgresTolls:
    """The Tolls port. Its clock is the database's. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(
        self,
        *,
        tenant: str,
        charges: Sequence[Charge],
        name: str = "",
        periods: Sequence[int] = (),
        settled: Settlement = NOTHING,
    ) -> Toll:
        """Write what is settled; charge every meter, or none of them when one is too full; tell the walks."""
        values = {
            "tenant": tenant,
            "name": name,
            "periods": list(periods),
            "debts": Jsonb([_row(n, one) for n, one in enumerate(settled.debts)]),
            "views": Jsonb([_view(one) for one in settled.views]),
            "charges": Jsonb([_row(n, one) for n, one in enumerate(charges)]),
        }
        async with self._database.tenant(tenant) as conn:
            row = await (await conn.execute(_SQL["take_toll"], values, prepare=True)).fetchone()
        assert row is not None  # noqa: S101 - the function always gives a row
        return Toll(rooms=_rooms(charges, row["rooms"] or []), walks=_walks(name, periods, row["walks"] or []))

    async def walks(self, *, tenant: str, name: str, periods: Sequence[int]) -> tuple[Walk, ...]:
        """How far a person has come in each of the windows, in their order; zeros where nothing is known."""
        return (await self.take(tenant=tenant, charges=(), name=name, periods=periods)).walks

    async def first_told(self, *, tenant: str, name: str, period_s: int, kind: str) -> bool:
        """Whether nobody gave this alarm before in the window; from now on somebody has."""
        values = {"tenant": tenant, "name": name, "period_s": period_s, "kind": kind}
        async with self._database.tenant(tenant) as conn:
            return await (await conn.execute(_SQL["tell_once"], values)).fetchone() is not None

    async def forget(self, *, tenant: str, name: str) -> int:
        """Start anew for a payer; how many counters there were."""
        values = {"tenant": tenant, "name": name}
        async with self._database.tenant(tenant) as conn:
            meters = await conn.execute(_SQL["forget_meters"], values)
            return meters.rowcount + (await conn.execute(_SQL["forget_walks"], values)).rowcount

    async def tidy(self, *, tenant: str) -> int:
        """Delete what says nothing any more; how many counters that were."""
        async with self._database.tenant(tenant) as conn:
            meters = await conn.execute(_SQL["sweep_meters"], {"tenant": tenant})
            return meters.rowcount + (await conn.execute(_SQL["sweep_walks"], {"tenant": tenant})).rowcount


def _row(n: int, one: Charge) -> dict[str, Any]:
    meter = one.meter
    return {
        "n": n,
        "scope": meter.scope,
        "name": meter.name,
        "unit": meter.unit,
        "period_s": meter.rate.period_s,
        "most": meter.rate.most,
        "amount": one.amount,
    }


def _view(one: View) -> dict[str, Any]:
    return {
        "name": one.name,
        "period_s": one.period_s,
        "asked": one.asked,
        "shapes": sorted({place(shape, SHAPES) for shape in one.shapes}),
        "seen": sorted({place(passage, PASSAGES) for passage in one.passages}),
    }


def _rooms(charges: Sequence[Charge], rows: list[dict[str, Any]]) -> tuple[Room, ...]:
    return tuple(
        Room(meter=one.meter, left=row["room"], wait_s=row["wait_s"])
        for one, row in zip(charges, rows, strict=True)
    )


def _walks(name: str, periods: Sequence[int], rows: list[dict[str, Any]]) -> tuple[Walk, ...]:
    known = {row["period_s"]: _walk(name, row) for row in rows}
    return tuple(known.get(one) or Walk(name=name, period_s=one) for one in periods)


def _walk(name: str, row: dict[str, Any]) -> Walk:
    return Walk(
        name=name,
        period_s=row["period_s"],
        asked=row["asked"],
        shapes=counted(row["shapes"], SHAPES),
        passages=counted(row["seen"], PASSAGES),
        left_s=row["left_s"],
        told=tuple(row["told"]),
    )
