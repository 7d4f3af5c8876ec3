"""When a schedule's next tick is. croniter reads schedules for the queue's library, and here for people."""

from __future__ import annotations

from datetime import UTC, datetime


def next_tick(cron: str, after: datetime) -> datetime:
    """The first tick later than `after`, in UTC."""
    from croniter import croniter  # type: ignore[import-untyped]  # 30 ms that only a list of jobs needs

    found: float = croniter(cron, after.timestamp()).get_next(float)
    return datetime.fromtimestamp(found, UTC)
