"""The job that keeps counts by day: days of which something came or changed are counted anew from the raw rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from answerable.adapters.postgres.tallies import PostgresTallies

if TYPE_CHECKING:
    from answerable.app.system import System
    from answerable.config.retention import RetentionSection

REBUILT_DAYS = 60  # a day's raw rows must still be there; later ones do not change an older count
PERSON_DAYS = 90  # for so long it is known of whom a count is, as a hash
_WEEKS = 10  # a cohort is complete after five; so many are looked at
_DISTANCES = (7, 28)


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledUp:
    """What one run did: days and weeks that were counted, days too old for it."""

    days: int
    weeks: int
    skipped: int


async def roll_up(
    tallies: PostgresTallies, *, tenant: str, now: datetime, rebuilt_days: int = REBUILT_DAYS
) -> RolledUp:
    """Count what was touched. To be run every few minutes, from anywhere, and as often as one likes.

    Raises Unreachable; what was counted until then stays, and the rest is still marked.
    """
    today = now.astimezone(UTC).date()
    oldest = today - timedelta(days=rebuilt_days)
    counted, skipped = [], 0
    for kind, day in await tallies.touched(tenant):
        if day < oldest:
            await tallies.skip_day(tenant, kind, day)
            skipped += 1
        else:
            await tallies.count_day(tenant, kind, day)
            counted.append((kind, day))
    weeks = await _cohorts(tallies, tenant, now, [day for kind, day in counted if kind == "task"])
    await tallies.forget_persons(tenant, today - timedelta(days=PERSON_DAYS))
    return RolledUp(days=len(counted), weeks=weeks, skipped=skipped)


async def roll_up_job(system: System, *, now: datetime) -> dict[str, int]:
    """The tenant of the project. Raises Unreachable."""
    settings = system.project.settings
    done = await roll_up(
        PostgresTallies(database=system.database),
        tenant=settings.project.tenant,
        now=now,
        rebuilt_days=rebuilt_days(settings.retention),
    )
    return asdict(done)


def rebuilt_days(kept: RetentionSection) -> int:
    """How old a day may be to be counted anew: all its raw rows must still be there."""
    limits = [int(one / 86_400) - 1 for one in (kept.events, kept.persons) if one is not None]
    return max(1, min([REBUILT_DAYS, *limits]))


async def _cohorts(tallies: PostgresTallies, tenant: str, now: datetime, touched: list[date]) -> int:
    """Weeks whose time is over and that were not counted yet, or in whose time something changed."""
    first = await tallies.first_closed(tenant)
    if first is None:
        return 0
    today = now.astimezone(UTC).date()
    earliest = max(_monday(first.astimezone(UTC).date()), _monday(today - timedelta(weeks=_WEEKS)))
    known = await tallies.cohorts(tenant, earliest)
    counted = 0
    for week in _mondays(earliest, today):
        for days in _DISTANCES:
            over = week + timedelta(days=7 + days)
            changed = any(week <= day < over + timedelta(days=2) for day in touched)
            if over <= today and (changed or (week, days) not in known):
                await tallies.count_cohort(tenant, week, days)
                counted += 1
    return counted


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _mondays(first: date, until: date) -> list[date]:
    return [first + timedelta(weeks=n) for n in range((until - first).days // 7 + 1)]
