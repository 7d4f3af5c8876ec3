"""Everything that readiness is judged by, read from a running system."""

from __future__ import annotations

from datetime import datetime, timedelta

from answerable.adapters.postgres.quarantine import PostgresQuarantine
from answerable.app.jobs.working import make_board
from answerable.app.metrics.measuring import measured, sources_of
from answerable.app.pricing import unpriced_models
from answerable.app.readiness import METRICS, Evaluated, Seen
from answerable.app.redteam.standing import standing_of
from answerable.app.review_statistics import what_is_late
from answerable.app.reviewing import make_desk
from answerable.app.system import System
from answerable.core.conflict import ConflictState

DAYS = 28


async def look(system: System, *, now: datetime) -> Seen:
    """Of the last 28 days, as of `now`. Reads; changes nothing. Raises DatabaseUnreachable and ConfigError."""
    settings = system.settings
    tenant = settings.project.tenant
    sources = sources_of(system.project, system.database)
    span = sources.span(now - timedelta(days=DAYS), now)
    drills = await system.happenings.latest(tenant=tenant, name="drill.finished", limit=1)
    conflicts = await system.conflicts.conflicts(tenant=tenant)
    chain = await system.audit.verify(tenant=tenant)
    return Seen(
        settings=settings,
        now=now,
        tables={name: await measured(sources, name, span) for name in METRICS},
        jobs=await make_board(system.database, settings).rows(now),
        drill=drills[0] if drills else None,
        evaluated=await _evaluated(system),
        baseline=system.project.path(settings.eval.baseline).is_file(),
        certificate=system.standing.state,
        attacked=await standing_of(system.project, system.happenings),
        late=await what_is_late(make_desk(system)),
        unpriced=sorted(unpriced_models(system.project)),
        documents=(await system.documents.counts(tenant=tenant))["documents"],
        undecided=sum(one.state is ConflictState.OPEN for one in conflicts),
        held=len(await PostgresQuarantine(system.database).listed(tenant=tenant)),
        chain=chain.holds,
    )


async def _evaluated(system: System) -> Evaluated | None:
    """The newest run that ended and asked this system."""
    for run in await system.runs.runs(tenant=system.settings.project.tenant, limit=50):
        if run.finished_at is None:
            continue
        rows = await system.runs.rows(tenant=run.tenant, run=run.id)
        known = [row for row in rows if row.passed is not None]
        return Evaluated(
            at=run.finished_at,
            passed=sum(row.passed is True for row in known),
            measured=len(known),
            unmeasured=len(rows) - len(known),
        )
    return None
