"""Events and tasks counted by day: written by the job that keeps the counts, read by metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from psycopg.rows import tuple_row

from answerable.adapters.postgres.database import Connection, Database
from answerable.adapters.postgres.measures import Span
from answerable.adapters.postgres.statements import statements

_SQL = statements("tallies")
DIMENSIONS = ("day", "prompt", "prompt.version", "model", "rollout", "language", "channel", "topic")
# What is told of each label, behind the dimensions.
LABELED = (
    *("task", "answers", "score", "escalated", "outcome", "weight", "stratum", "completed"),
    *("needed_person", "answerable", "harm", "severity"),
)
BIN_RATIO = 1.05  # of a bin's upper end to its lower one; the statements have the same number
ZERO_BIN = -32768
Kind = Literal["task", "event"]
Rows = list[dict[str, Any]]


def whole_days(span: Span) -> tuple[date, date]:
    """The UTC days that a span touches: the first, and the one after the last."""
    last = (span.until - timedelta(microseconds=1)).astimezone(UTC).date()
    return span.since.astimezone(UTC).date(), last + timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresTallies:
    """All methods raise Unreachable."""

    database: Database

    # What the job does.

    async def touched(self, tenant: str) -> list[tuple[Kind, date]]:
        """Days of which something came or changed since they were counted, oldest first."""
        rows = await self._read("list_touched", {"tenant": tenant})
        return [(row["kind"], row["day"]) for row in rows]

    async def count_day(self, tenant: str, kind: Kind, day: date) -> int:
        """Count a day anew from its raw rows, in one transaction; how many counts it has."""
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        values = {"tenant": tenant, "kind": kind, "day": day, "start": start, "end": start + timedelta(days=1)}
        async with self.database.tenant(tenant) as conn:
            for name in ("lock_tallies", "take_touched", "clear_day", "clear_persons"):
                await conn.execute(_SQL[name], values)
            return await _count(conn, f"tally_{kind}s", values)

    async def skip_day(self, tenant: str, kind: Kind, day: date) -> None:
        """Leave a day as it was counted last: its raw rows may be gone."""
        async with self.database.tenant(tenant) as conn:
            await conn.execute(_SQL["take_touched"], {"tenant": tenant, "kind": kind, "day": day})

    async def first_closed(self, tenant: str) -> datetime | None:
        """When the first task was closed."""
        rows = await self._read("first_closed", {"tenant": tenant})
        found: datetime | None = rows[0]["at"]
        return found

    async def cohorts(self, tenant: str, since: date) -> set[tuple[date, int]]:
        """Weeks (by their Monday) of which the returns within so many days were counted."""
        rows = await self._read("list_cohort_weeks", {"tenant": tenant, "since": since})
        return {(row["day"], int(row["counter"].removeprefix("cohort."))) for row in rows}

    async def count_cohort(self, tenant: str, week: date, days: int) -> int:
        """Who of a week's persons came back for something else within `days`."""
        start = datetime(week.year, week.month, week.day, tzinfo=UTC)
        values = {"tenant": tenant, "day": week, "days": days, "start": start}
        async with self.database.tenant(tenant) as conn:
            await conn.execute(_SQL["lock_tallies"], values)
            await conn.execute(_SQL["clear_cohort"], values)
            return await _count(conn, "tally_cohort", values)

    async def forget_persons(self, tenant: str, before: date) -> None:
        """Of days before it keep how many persons there were, and not their hashes."""
        async with self.database.tenant(tenant) as conn:
            await conn.execute(_SQL["forget_old_persons"], {"tenant": tenant, "before": before})

    # What metrics read.

    async def sums(
        self, span: Span, counters: Sequence[str], by: Sequence[str] = (), daily: Sequence[str] = ()
    ) -> Rows:
        """counter, bin, n and total by the dimensions in `by`, over the days that the span touches.

        Counters in `daily` come one row a day (`of_day`).
        """
        values = _values(span) | {"counters": list(counters), "by": list(by), "daily": list(daily)}
        return _without(await self._read("sum_tallies", values), by)

    async def persons(self, span: Span, kind: Kind, by: Sequence[str] = ()) -> Rows:
        """How many persons are behind each row, exact below five."""
        return _without(await self._read("count_persons", _values(span) | {"kind": kind, "by": list(by)}), by)

    async def labels(self, span: Span, by: Sequence[str]) -> list[tuple[Any, ...]]:
        """What people said of answers of the span: DIMENSIONS, empty but for those in `by`, then LABELED."""
        async with self.database.tenant(span.tenant, readonly=True) as conn:
            cursor = conn.cursor(binary=True, row_factory=tuple_row)  # thousands of them: dicts take twice as long
            found = await cursor.execute(_SQL["list_labels"], _moments(span) | {"by": list(by)})
            return list(await found.fetchall())

    async def readings(self, span: Span) -> Rows:
        """Every reading of the span: day, answer, minutes, blind, second, verdict."""
        return await self._read("list_readings", _moments(span))

    async def corpus(self, tenant: str, *, today: date, stale_s: float) -> Mapping[str, int]:
        """pages, and how many of them are stale."""
        return (await self._read("count_corpus", {"tenant": tenant, "today": today, "stale_s": stale_s}))[0]

    async def lags(self, span: Span) -> Rows:
        """day and lag_s of each file that changed."""
        return await self._read("list_lags", _moments(span))

    async def task_items(self, span: Span, what: str, value: str, limit: int) -> Rows:
        """The tasks behind a number, the newest first."""
        return await self._read("list_task_items", _moments(span) | {"what": what, "value": value, "limit": limit})

    async def event_items(self, span: Span, what: str, value: str, names: Sequence[str], limit: int) -> Rows:
        """The events behind a number, the newest first."""
        values = {"what": what, "value": value, "names": list(names), "limit": limit}
        return await self._read("list_event_items", _moments(span) | values)

    async def _read(self, name: str, values: Mapping[str, Any]) -> Rows:
        async with self.database.tenant(values["tenant"], readonly=True) as conn:
            cursor = conn.cursor(binary=True)
            return list(await (await cursor.execute(_SQL[name], values)).fetchall())


async def _count(conn: Connection, name: str, values: Mapping[str, Any]) -> int:
    return (await conn.execute(_SQL[name], values)).rowcount


def _values(span: Span) -> dict[str, Any]:
    since, until = whole_days(span)
    return {"tenant": span.tenant, "since": since, "until": until, "prompt": span.prompt or None}


def _moments(span: Span) -> dict[str, Any]:
    since, until = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in whole_days(span))
    return {"tenant": span.tenant, "since": since, "until": until, "prompt": span.prompt or None}


def _without(rows: Rows, by: Sequence[str]) -> Rows:
    left_out = set(DIMENSIONS) - set(by)
    return [{key: value for key, value in row.items() if key not in left_out} for row in rows]
