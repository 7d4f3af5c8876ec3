"""Alerts in Postgres: one look at a time, whichever worker it is, and each message once in the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from answerable.adapters.entry import plain
from answerable.adapters.postgres.audit import append
from answerable.adapters.postgres.database import Connection, Database
from answerable.adapters.postgres.statements import statements
from answerable.core.alert import Alert, Hour, Notice, Severity, Silence, Watched
from answerable.core.errors import NotFound
from answerable.core.ports import Looked

_SQL = statements("alerts")
KEPT_HOURS = timedelta(days=60)
KEPT_NOTICES = timedelta(days=30)
_ERROR_CHARS = 500


class PostgresAlerts:
    """The Alerts port. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def watched(self, *, tenant: str) -> Watched:
        """Where the evaluation stands."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            row = await (await conn.execute(_SQL["read_watch"], {"tenant": tenant}, prepare=True)).fetchone()
        return Watched(**row) if row is not None else Watched()

    async def keep(self, looked: Looked, *, tenant: str) -> bool:
        """Whole, or not at all."""
        values = {"tenant": tenant, "at": looked.now, "version": looked.seen.version}
        async with self._database.tenant(tenant) as conn:
            state = Jsonb(plain(dict(looked.state)))
            row = await (await conn.execute(_SQL["advance_watch"], values | {"state": state})).fetchone()
            if row is None:
                return False
            for alert in sorted(looked.alerts, key=lambda one: one.stands):  # room for a new one of the same rule
                await conn.execute(_SQL["put_alert"], _alert_row(tenant, alert))
            await _post(conn, tenant, looked.notices)
            for hour in looked.hours:
                await conn.execute(_SQL["put_hour"], asdict(hour) | {"tenant": tenant, "bins": Jsonb(hour.bins)})
            if looked.hours:
                await conn.execute(_SQL["drop_hours"], {"tenant": tenant, "before": looked.now - KEPT_HOURS})
                await conn.execute(_SQL["drop_notices"], {"tenant": tenant, "before": looked.now - KEPT_NOTICES})
        return True

    async def hours(self, *, tenant: str, since: datetime) -> list[Hour]:
        """By time."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await (await conn.execute(_SQL["list_hours"], {"tenant": tenant, "since": since})).fetchall()
        return [Hour(**row) for row in rows]

    async def listed(self, *, tenant: str, every: bool = False, limit: int = 200) -> list[Alert]:
        """Newest first."""
        values = {"tenant": tenant, "every": every, "limit": limit}
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await (await conn.execute(_SQL["list_alerts"], values, prepare=True)).fetchall()
        return [_alert(row) for row in rows]

    async def get(self, *, tenant: str, reference: str) -> Alert:
        """By id or a unique beginning of it. Raises NotFound."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            return await _found(conn, tenant, reference)

    async def ack(self, *, tenant: str, reference: str, by: str, now: datetime) -> Alert:
        """Somebody looks after it. Raises NotFound."""
        async with self._database.tenant(tenant) as conn:
            one = await _found(conn, tenant, reference)
            values = {"tenant": tenant, "id": one.id, "now": now}
            row = await (await conn.execute(_SQL["ack_alert"], values)).fetchone()
            if row is None:
                return one
            await append(conn, actor=plain(by), action="alert.ack", subject=one.id, detail={"rule": one.rule})
        return _alert(row)

    async def silence(self, *, tenant: str, silence: Silence, by: str, now: datetime) -> None:
        """No notices until then."""
        async with self._database.tenant(tenant) as conn:
            await conn.execute(
                _SQL["add_silence"],
                plain(asdict(silence)) | {"tenant": tenant, "now": now, "until": silence.until},
            )
            detail = {"key": silence.key, "until": silence.until.isoformat(), "reason": silence.reason}
            await append(conn, actor=plain(by), action="alert.silence", subject=silence.rule, detail=plain(detail))

    async def unsilence(self, *, tenant: str, rule: str, by: str, now: datetime) -> int:
        """Every silence of a rule."""
        async with self._database.tenant(tenant) as conn:
            ended = (
                await conn.execute(_SQL["end_silences"], {"tenant": tenant, "rule": rule, "now": now})
            ).rowcount
            if ended:
                await append(conn, actor=plain(by), action="alert.unsilence", subject=rule, detail={})
        return ended

    async def silences(self, *, tenant: str, now: datetime) -> list[Silence]:
        """In force."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await (await conn.execute(_SQL["list_silences"], {"tenant": tenant, "now": now})).fetchall()
        return [Silence(**row) for row in rows]

    async def post(self, *, tenant: str, notices: Sequence[Notice]) -> int:
        """Into the outbox."""
        if not notices:
            return 0
        async with self._database.tenant(tenant) as conn:
            return await _post(conn, tenant, notices)

    async def claim(self, *, tenant: str, now: datetime, lease_s: float, limit: int = 20) -> list[Notice]:
        """For this worker alone until the lease ends."""
        values = {"tenant": tenant, "now": now, "till": now + timedelta(seconds=lease_s), "limit": limit}
        async with self._database.tenant(tenant) as conn:
            rows = await (await conn.execute(_SQL["claim_notices"], values)).fetchall()
        return sorted((_notice(row) for row in rows), key=lambda one: (one.due_at, one.id))

    async def settled(self, *, tenant: str, notice: Notice) -> None:
        """How sending went."""
        names = ("id", "tries", "due_at", "sent_at", "given_up_at")
        values: dict[str, Any] = {name: getattr(notice, name) for name in names}
        values |= {"tenant": tenant, "error": plain(notice.error)[:_ERROR_CHARS]}
        async with self._database.tenant(tenant) as conn:
            await conn.execute(_SQL["settle_notice"], values)

    async def notices(self, *, tenant: str, limit: int = 100) -> list[Notice]:
        """Newest first."""
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await (await conn.execute(_SQL["list_notices"], {"tenant": tenant, "limit": limit})).fetchall()
        return [_notice(row) for row in rows]


async def _post(conn: Connection, tenant: str, notices: Sequence[Notice]) -> int:
    new = 0
    for one in notices:
        values = {
            "tenant": tenant,
            "id": one.id,
            "channel": one.channel,
            "name": one.name,
            "payload": Jsonb(plain(dict(one.payload))),
            "created_at": one.created_at,
            "due_at": one.due_at,
        }
        new += (await conn.execute(_SQL["post_notice"], values)).rowcount
    return new


async def _found(conn: Connection, tenant: str, reference: str) -> Alert:
    wanted = {"tenant": tenant, "reference": reference}
    rows = await (await conn.execute(_SQL["find_alerts"], wanted)).fetchall()
    if not rows or not reference:
        raise NotFound(f"there is no alert {reference!r}", hint="`answerable alert list --all` shows them")
    if len(rows) > 1 and rows[0]["id"] != reference:
        raise NotFound(f"several alerts begin with {reference!r}", hint="give more of the id")
    return _alert(rows[0])


def _alert_row(tenant: str, one: Alert) -> dict[str, Any]:
    row = asdict(one)
    row |= {"tenant": tenant, "severity": one.severity.value, "facts": Jsonb(plain(dict(one.facts)))}
    return row | {"key": plain(one.key), "blame": plain(one.blame)}


def _alert(row: DictRow) -> Alert:
    return Alert(**{**row, "severity": Severity(row["severity"])})


def _notice(row: DictRow) -> Notice:
    return Notice(**{name: value for name, value in row.items() if name != "leased_till"})
