"""The job of the product's counts by day."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from answerable.adapters.postgres.tallies import PostgresTallies
from answerable.app.jobs.running import Told
from answerable.app.metrics.rolling_up import roll_up

if TYPE_CHECKING:
    from answerable.app.system import System


async def sums_job(system: System, *, now: datetime) -> Told:
    """Count anew the days of which something came or changed."""
    tenant = system.settings.project.tenant
    done = await roll_up(PostgresTallies(database=system.database), tenant=tenant, now=now)
    return {"days": done.days, "weeks": done.weeks, "too_old": done.skipped}
