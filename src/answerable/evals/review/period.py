"""The period that a batch is drawn from: an ISO week or two, named so that it can be asked for again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from answerable.core.errors import ConfigError

_ID = re.compile(r"(\d{4})-W(\d{2})(-2w)?")
_WEEKS = {"weekly": 1, "biweekly": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From Monday 00:00 where the project is, to the Monday after it. `2026-W47`; `2026-W47-2w` for two weeks."""

    id: str
    starts: datetime
    ends: datetime  # exclusive


def period_of(day: date, *, cadence: str, timezone: str) -> Period:
    """The period that a day is in; pairs of weeks are the same for everybody: they are counted from the year 1."""
    weeks = _WEEKS[cadence]
    index = (day.toordinal() - 1) // 7  # 0001-01-01 was a Monday
    first = date.fromordinal((index - index % weeks) * 7 + 1)
    year, week, _ = first.isocalendar()
    zone = ZoneInfo(timezone)
    return Period(
        id=f"{year}-W{week:02d}" + ("-2w" if weeks == 2 else ""),
        starts=datetime.combine(first, time(), zone),
        ends=datetime.combine(first + timedelta(weeks=weeks), time(), zone),
    )


def last_complete(now: datetime, *, cadence: str, timezone: str) -> Period:
    """The newest period that is over."""
    running = period_of(now.astimezone(ZoneInfo(timezone)).date(), cadence=cadence, timezone=timezone)
    return period_of(running.starts.date() - timedelta(days=1), cadence=cadence, timezone=timezone)


def named_period(name: str, *, cadence: str, timezone: str) -> Period:
    """The period of an id. Raises ConfigError for what is none, or none of this cadence."""
    found = _ID.fullmatch(name)
    try:
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        monday = None
    if monday is None:
        raise ConfigError(f"{name!r} is no period", hint="write an ISO week, e.g. 2026-W47")
    period = period_of(monday, cadence=cadence, timezone=timezone)
    if period.id.removesuffix("-2w") != name.removesuffix("-2w"):
        raise ConfigError(f"{name!r} is in the middle of a period", hint=f"the period is {period.id}")
    return period
