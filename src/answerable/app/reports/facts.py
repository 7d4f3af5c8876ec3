"""What a report is made of: the metrics of a time, what happened in it, and what waits for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from answerable.adapters.postgres.alerts import PostgresAlerts
from answerable.app.metrics.measuring import Sources, measured, sources_of
from answerable.app.metrics.product_board import ProductBoard, product_board
from answerable.config import Settings
from answerable.core.alert import Alert, Severity
from answerable.core.incident import Incident
from answerable.core.ports import Alerts, Happening, Happenings

if TYPE_CHECKING:
    from answerable.app.system import System

# What is told of in a report; the rest is for the log.
TOLD = ("drift.found", "model.changed", "rollout.changed", "deploy.marked", "breaker.opened", "budget.threshold")
_MOST = 500  # happenings of a name that are looked through
_GAPS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A topic that people asked about and got no answer to. `upside`: tasks an answer would have solved."""

    topic: str
    tasks: int
    upside: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that went wrong, in the words of an alert's rule. `until` None: it still stands."""

    at: datetime
    kind: str  # an alert's rule, `incident`, or a happening's name
    until: datetime | None = None
    detail: str = ""  # names and figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Of [since, until). `late` says in a line each what people are late with."""

    project: str
    purpose: str
    board: ProductBoard
    documents: int
    sources: Sequence[str]
    answers_by_ai: bool
    troubles: Sequence[Trouble] = ()
    happened: Sequence[Happening] = ()
    gaps: Sequence[Gap] = ()
    late: Sequence[str] = ()

    @property
    def days(self) -> int:
        """How many days it is of."""
        return max(1, round((self.board.until - self.board.since) / timedelta(days=1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class FactParts:
    """Where facts are read from."""

    settings: Settings
    sources: Sources
    happenings: Happenings
    alerts: Alerts
    documents: int
    incidents: Sequence[Incident] = ()
    late: Sequence[str] = ()


async def fact_parts(system: System) -> FactParts:
    """Of a running system. Raises DatabaseUnreachable."""
    from answerable.app.review_statistics import what_is_late  # what only a system has
    from answerable.app.reviewing import make_desk

    tenant = system.settings.project.tenant
    counts = await system.documents.counts(tenant=tenant)
    return FactParts(
        settings=system.settings,
        sources=sources_of(system.project, system.database),
        happenings=system.happenings,
        alerts=PostgresAlerts(system.database),
        documents=counts["documents"],
        incidents=await system.incidents.listed(tenant=tenant, every=True),
        late=await what_is_late(make_desk(system)),
    )


async def read_facts(parts: FactParts, *, now: datetime, days: int) -> Facts:
    """Of the `days` before `now`. Reads; changes nothing. Raises DatabaseUnreachable."""
    settings = parts.settings
    tenant = settings.project.tenant
    board = await product_board(parts.sources, now=now, days=days)
    alerts = await parts.alerts.listed(tenant=tenant, every=True, limit=_MOST)
    troubles = [*_incidents(parts.incidents, board.since, now), *_alerts(alerts, board.since, now)]
    route = settings.routed("answer")
    return Facts(
        project=settings.project.name,
        purpose=settings.ui.title,
        board=board,
        documents=parts.documents,
        sources=[one.id for one in settings.source],
        answers_by_ai=route is not None and any(name != "extractive" for name in route.chain),
        troubles=sorted(troubles, key=lambda one: one.at),
        happened=await _happened(parts, board.since, now),
        gaps=await _gaps(parts.sources, board),
        late=parts.late,
    )


async def _happened(parts: FactParts, since: datetime, until: datetime) -> list[Happening]:
    """Oldest first."""
    tenant = parts.settings.project.tenant
    found = [
        one
        for name in TOLD
        for one in await parts.happenings.latest(tenant=tenant, name=name, limit=_MOST)
        if since <= one.at < until
    ]
    return sorted(found, key=lambda one: one.at)


def _incidents(found: Sequence[Incident], since: datetime, until: datetime) -> list[Trouble]:
    return [
        Trouble(at=one.opened_at, kind="incident", until=one.closed_at, detail=f"{one.kind.value} {one.value}")
        for one in found
        if one.opened_at is not None
        and one.opened_at < until
        and (one.closed_at is None or one.closed_at >= since)
    ]


def _alerts(found: Sequence[Alert], since: datetime, until: datetime) -> list[Trouble]:
    """Notes are for the log. What was found of production's signals is told by its own happening."""
    return [
        Trouble(at=one.began_at or one.opened_at, kind=one.rule, until=one.resolved_at, detail=one.blame)
        for one in found
        if one.severity is not Severity.NOTE
        and one.rule != "drift"
        and one.opened_at < until
        and (one.resolved_at is None or one.resolved_at >= since)
    ]


async def _gaps(sources: Sources, board: ProductBoard) -> list[Gap]:
    """The largest first; questions without a topic are no gap that has a name."""
    span = sources.span(board.since, board.until)
    table = await measured(sources, "gaps", span, ("topic",))
    found = []
    for row in table.rows:
        size, upside = row.number("size"), row.number("upside")
        if row.key.get("topic") and size is not None and size.value:
            found.append(
                Gap(topic=row.key["topic"], tasks=int(size.value), upside=upside.value if upside else None)
            )
    return sorted(found, key=lambda one: (-one.tasks, one.topic))[:_GAPS]
