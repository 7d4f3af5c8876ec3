"""People reading drawn answers: open one, record what is said, take it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from answerable.config.quality import ReviewSection
from answerable.core.errors import ConfigError, NotFound
from answerable.core.evaluation import Answered
from answerable.core.ports import Journal, Reviews
from answerable.core.review import Item, Reading, Role
from answerable.evals.judges.criteria import load_criteria, select
from answerable.evals.judges.criterion import Criterion
from answerable.evals.review.queue import open_for, seats_of
from answerable.evals.review.sampling import shuffled
from answerable.evals.review.seats import ANYBODY
from answerable.evals.review.verdicts import Dossier, dossiers

if TYPE_CHECKING:
    from answerable.app.system import System

SEVERITIES = ("S1", "S2", "S3", "S4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a reader says of an item, before it is checked."""

    verdicts: Mapping[str, Answered]
    reason: str = ""
    severity: str = ""
    correction: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """An item as a reader sees it: no model, no prompt, no judge, nobody else's word."""

    item: Item
    role: Role
    question: str
    answer: Mapping[str, Any]  # the answer object
    pages: tuple[str, ...]  # for a non-answer: the nearest pages
    criteria: tuple[Criterion, ...]
    reasons: tuple[str, ...] = ()  # for who decides: the readers' reasons, without names, in no order
    left: int = 0  # items open for this reader after this one


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a review needs; the command line and the web page sit at the same one."""

    reviews: Reviews
    journal: Journal
    section: ReviewSection
    criteria: Mapping[str, Criterion]
    tenant: str
    timezone: str = "UTC"
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def files(self, batch: str | None = None) -> list[Dossier]:
        """Every item with what counts of what was said of it; the oldest batch first, as it is to be read."""
        items = await self.reviews.items(tenant=self.tenant, batch=batch)
        readings = await self.reviews.readings(tenant=self.tenant, batch=batch)
        batches = await self.reviews.batches(tenant=self.tenant)
        age = {one.id: place for place, one in enumerate(reversed(batches))}
        return sorted(dossiers(items, readings), key=lambda one: (age[one.item.batch], one.item.place))

    async def open_next(self, reader: str, *, role: Role = Role.READER) -> Sheet | None:
        """Hold the next item and lay it out; None: nothing is left for this reader.

        Items whose answer is gone (its retention is over, or it was to be forgotten) are passed over.
        """
        self._check_reader(reader, role)
        holds = await self.reviews.holds(tenant=self.tenant)
        waiting = open_for(reader, await self.files(), holds, role=role)
        for place, file in enumerate(waiting):
            if not await self._hold(file, reader, role):
                continue
            try:
                sheet = await self._sheet(file, role)
            except NotFound:
                await self.reviews.release(tenant=self.tenant, item=file.item.id, reader=reader)
                continue
            return replace(sheet, left=len(waiting) - place - 1)
        return None

    async def record(self, item: str, reader: str, said: Said, *, role: Role = Role.READER) -> Reading:
        """Keep what somebody says; said again, it amends. Raises ConfigError for what does not fit, NotFound."""
        self._check_reader(reader, role)
        file = await self._file(item)
        self._check(file, reader, said, role)
        since = [
            one.since
            for one in await self.reviews.holds(tenant=self.tenant)
            if (one.item, one.reader, one.role) == (file.item.id, reader, role)
        ]
        if not await self._hold(file, reader, role):
            raise ConfigError(f"{file.item.id} is open with somebody else, or others have read it")
        reading = Reading(
            tenant=self.tenant,
            item=file.item.id,
            reader=reader,
            role=role,
            verdicts=dict(said.verdicts),
            reason=said.reason,
            severity=said.severity,
            correction=said.correction,
            comment=said.comment,
            seconds=max(0.0, (self.clock() - since[0]).total_seconds()) if since else None,
        )
        return await self.reviews.record(reading)

    async def undo(self, reader: str, *, item: str = "", role: Role = Role.READER) -> Reading:
        """Take back the reader's last reading, or that of an item; it stays in the history. Raises NotFound."""
        wanted = (await self._file(item)).item.id if item else ""
        standing = [
            one
            for file in await self.files()
            for one in (*file.readings, *((file.decision,) if file.decision else ()))
            if (one.reader, one.role) == (reader, role) and wanted in ("", one.item)
        ]
        if not standing:
            raise NotFound(f"{reader} has nothing to take back")
        last = max(standing, key=lambda one: one.number)
        return await self.reviews.record(
            Reading(tenant=self.tenant, item=last.item, reader=reader, role=role, withdrawn=True)
        )

    async def _file(self, reference: str) -> Dossier:
        """By the item's id or a unique beginning of it. Raises NotFound."""
        files = await self.files()
        found = [one for one in files if one.item.id == reference] or [
            one for one in files if one.item.id.startswith(reference)
        ]
        if len(found) != 1:
            several = "several review items begin with" if found else "there is no review item"
            raise NotFound(f"{several} {reference!r}", hint="`answerable review next` shows one with its id")
        return found[0]

    async def _hold(self, file: Dossier, reader: str, role: Role) -> bool:
        return await self.reviews.hold(
            tenant=self.tenant,
            item=file.item.id,
            reader=reader,
            role=role,
            seats=seats_of(file, role),
            seconds=self.section.lock,
        )

    async def _sheet(self, file: Dossier, role: Role) -> Sheet:
        trace = await self.journal.trace(tenant=self.tenant, reference=file.item.trace_id)
        if not trace["answer"]:
            raise NotFound(f"the answer {file.item.answer_id} is gone")
        deciding = role is Role.ADJUDICATOR
        reasons = [one.reason for one in file.readings if one.reason] if deciding else []
        return Sheet(
            item=file.item,
            role=role,
            question=trace["question"],
            answer=trace["answer"],
            pages=tuple(dict.fromkeys(_page(one) for one in trace.get("passages") or ())),
            criteria=tuple(self.asked_of(file, role)),
            reasons=tuple(shuffled(reasons, file.item.id)),
        )

    def asked_of(self, file: Dossier, role: Role) -> list[Criterion]:
        """The criteria that somebody answers of an item; who decides answers those that readers differ on."""
        names = file.disputed if role is Role.ADJUDICATOR else self.section.criteria
        known = select(self.criteria, [name for name in names if name in self.criteria])
        return [one for one in known if file.item.outcome in one.applies_to] if names else []

    def _check_reader(self, reader: str, role: Role) -> None:
        named = self.section.reviewers
        if role is Role.READER and named and reader not in named:
            raise ConfigError(
                f"{reader!r} is not among the reviewers", hint=f"[review] reviewers: {', '.join(named)}"
            )

    def _check(self, file: Dossier, reader: str, said: Said, role: Role) -> None:
        own = [one.reader for one in file.readings]
        if role is Role.ADJUDICATOR and (reader in own or not file.disputed or not file.complete):
            raise ConfigError(f"{reader} cannot decide {file.item.id}: {_why_not(file, reader in own)}")
        if role is Role.READER and reader not in (*file.item.seats, *own) and ANYBODY not in file.item.seats:
            raise ConfigError(f"{file.item.id} is for {' and '.join(file.item.seats)}")
        wanted = {one.id for one in self.asked_of(file, role)}
        if wanted != set(said.verdicts):
            odd = sorted(wanted ^ set(said.verdicts))
            raise ConfigError(
                f"{file.item.id}: {odd[0]} is {'not answered' if odd[0] in wanted else 'not asked'}",
                hint=f"asked of it: {', '.join(sorted(wanted))}",
            )
        negative = Answered.NO in said.verdicts.values() or said.severity or role is Role.ADJUDICATOR
        if negative and not said.reason.strip():
            raise ConfigError(f"{file.item.id}: a NO, a harm and a decision want a reason", hint="--reason …")
        if said.severity not in ("", *SEVERITIES):
            raise ConfigError(f"there is no severity {said.severity!r}", hint=", ".join(SEVERITIES))


def make_desk(system: System) -> Desk:
    """The review of a running system. Raises ConfigError for criteria that cannot be read."""
    settings = system.settings
    criteria = load_criteria(system.project.path(settings.eval.criteria))
    select(criteria, settings.review.criteria)  # a name without a file is found here
    return Desk(
        reviews=system.reviews,
        journal=system.journal,
        section=settings.review,
        criteria=criteria,
        tenant=settings.project.tenant,
        timezone=settings.project.timezone,
    )


def _page(passage: Mapping[str, Any]) -> str:
    return " > ".join(part for part in (passage["uri"], passage["section"]) if part)


def _why_not(file: Dossier, read_it: bool) -> str:
    if read_it:
        return "they are one of its readers"
    return "its readers do not differ" if file.complete else "it is not read by all yet"
