"""The jobs of tasks, as the list of jobs calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from answerable.app.completion_fit import fit_completion, standing_score
from answerable.app.task_changes import Closed
from answerable.app.tasks import close_tasks

if TYPE_CHECKING:
    from answerable.app.system import System

_ANEW = timedelta(days=28)  # tasks that a new model scores again: what dashboards show


async def close_tasks_job(system: System, *, now: datetime) -> Mapping[str, object]:
    """Open, close and reopen tasks up to `now`. Raises Unreachable."""
    return asdict(await _closed(system, now, since=None))


async def completion_job(system: System, *, now: datetime) -> Mapping[str, object]:
    """Fit the chance of completion to what people judged, and score the last tasks anew where it is better."""
    tenant = system.settings.project.tenant
    found = await fit_completion(
        system.events, system.happenings, tenant=tenant, now=now, settings=system.settings.metrics
    )
    if found is None:
        return {"fitted": False, "wanted": system.settings.metrics.labels_wanted}
    if found.better:
        await _closed(system, now, since=now - _ANEW)
    return {"fitted": True, "labels": found.labels, "brier": found.brier, "brier_rule": found.brier_rule}


async def _closed(system: System, now: datetime, *, since: datetime | None) -> Closed:
    tenant = system.settings.project.tenant
    return await close_tasks(
        system.events,
        system.tasks,
        tenant=tenant,
        now=now,
        settings=system.settings.metrics,
        since=since,
        score=await standing_score(system.happenings, tenant=tenant),
    )
