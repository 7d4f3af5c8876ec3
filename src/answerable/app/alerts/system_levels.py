"""Figures of the whole that no event tells: reviews, conflicts, quarantine, the index, what waits on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from answerable.adapters.postgres.quarantine import PostgresQuarantine
from answerable.adapters.postgres.syncs import last_syncs
from answerable.app.alerts.parts import Level
from answerable.app.review_statistics import what_is_late
from answerable.app.reviewing import make_desk
from answerable.app.system import System
from answerable.core.errors import AnswerableError

_DAY = timedelta(days=1)
Read = Callable[[System, datetime], Awaitable[Level]]


async def system_levels(system: System, now: datetime) -> Mapping[str, Level]:
    """By rule. What cannot be read is unmeasured: one broken part hides no other."""
    found = {}
    for name, read in _READERS.items():
        try:
            found[name] = await read(system, now)
        except AnswerableError as exc:
            found[name] = Level(value=None, facts={"unmeasured": exc.code})
    return found


async def _review(system: System, now: datetime) -> Level:
    late = await what_is_late(make_desk(system))
    return Level(value=float(len(late)), facts={"batches": len(late)})


async def _conflicts(system: System, now: datetime) -> Level:
    return Level(value=float(len(await system.conflicts.conflicts(tenant=_tenant(system)))))


async def _quarantine(system: System, now: datetime) -> Level:
    return Level(value=float(len(await PostgresQuarantine(system.database).listed(tenant=_tenant(system)))))


async def _freshness(system: System, now: datetime) -> Level:
    """Seconds since the source that was not read for the longest time was read."""
    syncs = await last_syncs(system.database, tenant=_tenant(system))
    configured = {one.id for one in system.settings.source}
    known = {name: at for name, at in syncs.items() if at is not None and name in configured}
    if not known:
        return Level(value=None)
    name, at = min(known.items(), key=lambda one: one[1])
    return Level(value=(now - at).total_seconds(), facts={"source": name})


async def _index(system: System, now: datetime) -> Level:
    counts = await system.documents.counts(tenant=_tenant(system))
    return Level(value=float(not counts["chunks"]), usual=0.0, facts={"documents": counts["documents"]})


async def _spool(system: System, now: datetime) -> Level:
    waiting = await asyncio.to_thread(_files, system.project.state)
    return Level(value=float(waiting), facts={"files": waiting})


async def _messages(system: System, now: datetime) -> Level:
    known = await system.alerts.alerts.notices(tenant=_tenant(system))
    lost = [one for one in known if one.given_up_at is not None and now - one.given_up_at < _DAY]
    return Level(value=float(len(lost)), facts={"channels": ", ".join(sorted({one.channel for one in lost}))})


async def _jobs(system: System, now: datetime) -> Level:
    board = system.operations.jobs
    if board is None:
        return Level(value=None)
    late = [row.name for row in await board.rows(now) if row.late and row.name != "alerts"]
    return Level(value=float(len(late)), facts={"jobs": ", ".join(late)})


def _files(state: Path) -> int:
    return sum(1 for folder in state.glob("*spool*") for _ in folder.rglob("*.jsonl")) if state.is_dir() else 0


def _tenant(system: System) -> str:
    return system.settings.project.tenant


_READERS: Mapping[str, Read] = {
    "review_overdue": _review,
    "conflicts_open": _conflicts,
    "quarantine_open": _quarantine,
    "index_freshness": _freshness,
    "empty_index": _index,
    "spool": _spool,
    "jobs": _jobs,
    "messages": _messages,
}
