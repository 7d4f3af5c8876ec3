"""Drift's jobs, as the list of jobs names them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from answerable.app.drift.canary_file import read_canaries
from answerable.app.drift.canary_run import canary_parts, canary_run, folder_of
from answerable.app.drift.daily import drift_daily
from answerable.app.drift.parts import drift_parts
from answerable.app.drift.topic_job import make_topics
from answerable.app.system import System


async def drift_job(system: System, *, now: datetime) -> Mapping[str, int]:
    """The look of the day."""
    report = await drift_daily(drift_parts(system), now=now)
    return {"found": len(report.new), "signals": report.signals, "answers": report.answers}


async def topics_job(system: System, *, now: datetime) -> Mapping[str, int]:
    """Cluster the questions of the last weeks anew."""
    made = await make_topics(system, now=now)
    return {"topics": len(made.topics), "questions": sum(one.size for one in made.topics)}


async def canary_job(system: System, *, now: datetime) -> Mapping[str, int]:
    """Ask the canary set; nothing where none is frozen."""
    if not read_canaries(folder_of(system)):
        return {"asked": 0}
    results, said = await canary_run(canary_parts(system), now=now)
    failed = sum(bool(one.error) for one in results)
    return {"asked": len(results), "unreachable": failed, "found": len(said)}
