"""Human review in Postgres. Batches, items and readings are append-only by the tables' own rights and triggers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from answerable.adapters.entry import plain
from answerable.adapters.postgres.database import Connection, Database
from answerable.adapters.postgres.statements import statements
from answerable.core.errors import NotFound
from answerable.core.evaluation import Answered
from answerable.core.review import Batch, Draw, Hold, Item, Reading, Role

_SQL = statements("reviews")


class PostgresReviews:
    """The Reviews port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def asked(self, *, tenant: str, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """Every question of the span, oldest first, as JSON-able values."""
        found: list[dict[str, Any]] = plain(
            await self._all(tenant, "list_asked", {"since": since, "until": until})
        )
        return found

    async def scores(self, *, tenant: str, since: datetime, limit: int) -> list[tuple[float, str]]:
        """The answerability and language of the newest answers that were given after `since`."""
        rows = await self._all(tenant, "list_scores", {"since": since, "limit": limit})
        return [(row["score"], row["language"]) for row in rows]

    async def plan(self, batch: Batch, items: Sequence[Item]) -> Batch:
        """Keep a batch with its items, as one. One that is already there is returned as it stands."""
        draws = Jsonb([asdict(one) for one in batch.draws])
        values = _values(batch) | {"draws": draws, "criteria": list(batch.criteria)}
        async with self._database.tenant(batch.tenant) as conn:
            if await (await conn.execute(_SQL["insert_batch"], values)).fetchone():
                async with conn.cursor() as cursor:
                    await cursor.executemany(_SQL["insert_item"], [_item_row(batch.tenant, one) for one in items])
            row = await (await conn.execute(_SQL["get_batch"], values)).fetchone()
        assert row is not None  # noqa: S101 - inserted, or there before
        return _batch(row)

    async def batches(self, *, tenant: str) -> list[Batch]:
        """Newest period first."""
        return [_batch(row) for row in await self._all(tenant, "list_batches", {})]

    async def items(self, *, tenant: str, batch: str | None = None) -> list[Item]:
        """By batch, then place; of all batches without one."""
        return [_item(row) for row in await self._all(tenant, "list_items", {"batch": batch})]

    async def hold(self, *, tenant: str, item: str, reader: str, role: Role, seats: int, seconds: float) -> bool:
        """Open an item for somebody, or go on holding it; False where it is taken. Raises NotFound."""
        wanted = {"tenant": tenant, "item": item, "reader": reader, "role": role.value, "seconds": seconds}
        async with self._database.tenant(tenant) as conn:
            await _enter_item(conn, wanted)
            row = await (await conn.execute(_SQL["count_others"], wanted)).fetchone()
            if row is None or row["others"] >= seats:
                return False
            await conn.execute(_SQL["put_hold"], wanted)
        return True

    async def release(self, *, tenant: str, item: str, reader: str) -> None:
        """Close it again; one that is not open is no error."""
        async with self._database.tenant(tenant) as conn:
            await conn.execute(_SQL["drop_hold"], {"item": item, "reader": reader})

    async def holds(self, *, tenant: str) -> list[Hold]:
        """Those that have not run out, by item and reader."""
        return [Hold(**row | {"role": Role(row["role"])}) for row in await self._all(tenant, "list_holds", {})]

    async def record(self, reading: Reading) -> Reading:
        """Add a reading, with its number and time, and close the item. Raises NotFound."""
        said = {name: one.value for name, one in reading.verdicts.items()}
        values = plain(_values(reading)) | {"verdicts": Jsonb(plain(said))}
        async with self._database.tenant(reading.tenant) as conn:
            await _enter_item(conn, values)
            row = await (await conn.execute(_SQL["insert_reading"], values)).fetchone()
            await conn.execute(_SQL["drop_hold"], values)
        assert row is not None  # noqa: S101 - an insert that returns its row
        return replace(reading, number=row["number"], at=row["at"])

    async def readings(self, *, tenant: str, batch: str | None = None) -> list[Reading]:
        """All that was ever said, oldest first."""
        return [_reading(row) for row in await self._all(tenant, "list_readings", {"batch": batch})]

    async def _all(self, tenant: str, statement: str, values: Mapping[str, object]) -> list[DictRow]:
        async with self._database.tenant(tenant, readonly=True) as conn:
            return await (await conn.execute(_SQL[statement], values)).fetchall()


async def _enter_item(conn: Connection, wanted: Mapping[str, object]) -> None:
    """Be alone with the item until the transaction ends. Raises NotFound."""
    await conn.execute(_SQL["lock_item"], wanted)
    if await (await conn.execute(_SQL["find_item"], wanted)).fetchone() is None:
        raise NotFound(
            f"there is no review item {wanted['item']}", hint="`answerable review stats` has the batches"
        )


def _values(one: Batch | Item | Reading) -> dict[str, Any]:
    return {part.name: getattr(one, part.name) for part in fields(one)}


def _item_row(tenant: str, item: Item) -> dict[str, Any]:
    lists = {name: list(getattr(item, name)) for name in ("drawn_by", "strata", "seats")}
    row: dict[str, Any] = plain(_values(item) | lists) | {"tenant": tenant}
    return row


def _batch(row: DictRow) -> Batch:
    draws = tuple(Draw(**one) for one in row["draws"])
    return Batch(**row | {"draws": draws, "criteria": tuple(row["criteria"])})


def _item(row: DictRow) -> Item:
    lists = {name: tuple(row[name]) for name in ("drawn_by", "strata", "seats")}
    return Item(**{name: value for name, value in (row | lists).items() if name != "tenant"})


def _reading(row: DictRow) -> Reading:
    verdicts = {name: Answered(said) for name, said in row["verdicts"].items()}
    return Reading(**row | {"role": Role(row["role"]), "verdicts": verdicts})
