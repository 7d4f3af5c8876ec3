"""Looking at all documents of a system: what is wrong with them, and where two contradict each other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from answerable.adapters.minhash import MinHashLikeness, is_installed
from answerable.adapters.postgres.documents import PostgresDocuments
from answerable.adapters.postgres.quarantine import PostgresQuarantine
from answerable.app.accepted import Accepted, read_accepted
from answerable.app.sudden import sudden_shares, tell_of_shares
from answerable.app.system import System
from answerable.app.telling import conflicts_found
from answerable.core.conflict import DocumentConflict, Recorded
from answerable.core.ports import DocumentView
from answerable.core.query import Filter, Scope
from answerable.ingest.quality.finding import Finding, Severity
from answerable.ingest.quality.inspection import Inspection, Thresholds
from answerable.ingest.quality.watched import held_finding, share_finding
from answerable.ingest.statements.conflicts import Contradictions, recorded
from answerable.ingest.statements.extraction import topics
from answerable.ingest.statements.pairing import Pair
from answerable.text.statements.decision import Decision

PAGE = 100  # documents in memory at once
Observer = Callable[[int, int], None]  # documents read so far, of how many


def unobserved(done: int, total: int) -> None:
    """For those who do not watch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataReport:
    """What was found, without what somebody accepted; `unlooked` names what was not looked for."""

    documents: int
    findings: tuple[Finding, ...]
    accepted: int = 0
    expired: tuple[str, ...] = ()  # ids whose acceptance ran out
    unlooked: tuple[str, ...] = ()

    @property
    def blockers(self) -> tuple[Finding, ...]:
        """What ends the report with exit 13."""
        return tuple(one for one in self.findings if one.severity is Severity.BLOCKER)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictSearch:
    """What comparing all statements gave: recorded conflicts, and the pairs that are none, with the reasons."""

    documents: int
    statements: int
    conflicts: tuple[DocumentConflict, ...]
    recorded: Recorded
    others: tuple[Pair, ...] = ()


async def inspect(system: System, *, source: str = "", observe: Observer = unobserved) -> DataReport:
    """Look at every document, of one source or of all. Contradictions are found and recorded on the way."""
    settings = system.settings
    thresholds = Thresholds(
        empty_chars=settings.data.empty_chars,
        huge_chars=settings.data.huge_chars,
        boilerplate_share=settings.data.boilerplate_share,
        duplicate_likeness=settings.data.duplicate_likeness,
        stale_days=round(settings.data.stale_after / 86400),
    )
    today = today_of(system)
    likeness = MinHashLikeness(thresholds.duplicate_likeness) if is_installed() else None
    inspection = Inspection(
        today=today, languages=settings.project.languages, thresholds=thresholds, likeness=likeness
    )

    def look(view: DocumentView) -> None:
        if not source or view.source == source:
            inspection.see(view)

    search = await find_conflicts(system, observe=observe, also=look)
    conflicts = [one for one in search.conflicts if not source or source in {side.source for side in one.sides}]
    accepted = read_accepted(system.project.path(settings.data.accepted))
    found = [*inspection.findings(conflicts), *await _watched(system, source)]
    kept, waved, expired = _without(found, accepted, today)
    unlooked = (
        () if likeness else ("near-duplicates: install answerable[dedup]; only identical pages were looked for",)
    )
    return DataReport(
        documents=inspection.documents, findings=tuple(kept), accepted=waved, expired=expired, unlooked=unlooked
    )


async def _watched(system: System, source: str) -> list[Finding]:
    """What waits in quarantine, and what is suddenly in many answers."""
    waiting = await PostgresQuarantine(system.database).listed(tenant=system.settings.project.tenant)
    shares = await sudden_shares(system)
    tell_of_shares(system, shares)
    found = [*(held_finding(one) for one in waiting), *(share_finding(one) for one in shares)]
    return [one for one in found if not source or one.source == source]


async def find_conflicts(
    system: System, *, observe: Observer = unobserved, also: Callable[[DocumentView], None] | None = None
) -> ConflictSearch:
    """Compare what all published documents say, and record it: new ones open and are told of, gone ones close."""
    scope, tenant = await everything(system), system.settings.project.tenant
    vocabulary: frozenset[str] = frozenset()
    total = 0
    async for views in _pages(system, scope, whole=False):
        vocabulary |= topics(views)
        total += len(views)
    contradictions = Contradictions(vocabulary=vocabulary)
    done = 0
    async for views in _pages(system, scope, whole=True):
        for view in views:
            contradictions.see(view)
            if also:
                also(view)
        done += len(views)
        observe(done, total)
    pairs = contradictions.pairs()
    kept = await system.conflicts.record(tenant=tenant, found=recorded(pairs))
    conflicts = tuple(await system.conflicts.conflicts(tenant=tenant))
    if told := conflicts_found(tenant, kept, standing=len(conflicts)):
        system.happenings.write(told)
    return ConflictSearch(
        documents=done,
        statements=contradictions.statements,
        conflicts=conflicts,
        recorded=kept,
        others=tuple(one for one in pairs if one.decided.decision is not Decision.CONFLICT),
    )


async def look_for_conflicts(system: System) -> None:
    """After a sync: where it is configured, and where there are not too many documents for it to be quick."""
    counts = await system.documents.counts(tenant=system.settings.project.tenant)
    if looks_on_sync(system, counts["documents"]):
        await find_conflicts(system)


def looks_on_sync(system: System, documents: int) -> bool:
    """Whether contradictions are looked for after a sync of an index of so many documents."""
    data = system.settings.data
    return data.conflicts == "on_sync" and documents <= data.sync_documents


async def everything(system: System) -> Scope:
    """The scope of somebody in every group: for looking at an index, never for answering."""
    tenant = system.settings.project.tenant
    groups = await PostgresDocuments(system.database).groups(tenant=tenant)
    return Scope(tenant=tenant, groups=groups, filter=Filter(status=()))


def today_of(system: System) -> date:
    """The day it is where the project is."""
    return datetime.now(ZoneInfo(system.settings.project.timezone)).date()


async def _pages(system: System, scope: Scope, *, whole: bool) -> AsyncIterator[list[DocumentView]]:
    after = ""
    read = system.documents.read if whole else system.documents.documents
    while page := await read(scope, limit=PAGE, after=after):
        yield page
        after = page[-1].uri


def _without(
    findings: list[Finding], accepted: dict[str, Accepted], today: date
) -> tuple[list[Finding], int, tuple[str, ...]]:
    """The findings that nobody accepted, how many somebody did, and the ids whose acceptance ran out."""
    kept, waved, expired = [], 0, []
    for one in findings:
        word = accepted.get(one.id) or accepted.get(one.key)
        if word is None:
            kept.append(one)
        elif word.until is not None and word.until < today:
            expired.append(one.id)
            kept.append(one)
        else:
            waved += 1
    return kept, waved, tuple(expired)
