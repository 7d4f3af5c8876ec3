"""Jobs of what people read and what is watched: batches of reviews, and pages that are suddenly everywhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from answerable.app.drawing import plan_batch, undrawn
from answerable.app.drift.topic_job import new_inputs
from answerable.app.jobs.running import Told
from answerable.app.reviewing import make_desk
from answerable.app.sudden import sudden_shares, tell_of_shares

if TYPE_CHECKING:
    from answerable.app.system import System


async def review_job(system: System, *, now: datetime) -> Told:
    """Draw the batch of the last period that is over, once; only where somebody is named who reads."""
    if not system.settings.review.reviewers:
        return {"reviewers": 0}
    desk = replace(make_desk(system), clock=lambda: now)
    period = await undrawn(desk)
    if period is None:
        return {"drawn": 0}
    new = await new_inputs(system, now=min(now, period.ends))
    kinds = [one.traces for one in new if one.distance is not None]  # without cases nothing is far from them
    batch = await plan_batch(desk, period, kinds=kinds)
    return {"drawn": 1, "batch": batch.id, "population": batch.population}


async def shares_job(system: System, *, now: datetime) -> Told:
    """Say of a new document that suddenly stands in a large share of the answers: once a day for each."""
    found = await sudden_shares(system, now=now)
    tell_of_shares(system, found, day=now.date())
    await system.happenings.flush()
    return {"documents": len(found)}
