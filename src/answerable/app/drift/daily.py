"""The sentence of the day: what changed in production, since when, and through whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from answerable.adapters.postgres.drift import PostgresDrift
from answerable.adapters.postgres.topics import PostgresTopics
from answerable.app.drift.marks import marks
from answerable.app.drift.reading import block_of, by_signal, slices_of
from answerable.config.monitoring import DriftSection
from answerable.core.identity import content_id
from answerable.core.ports import Happening, Happenings
from answerable.core.slices import BLOCK, Cell
from answerable.evals.stats.changes import PER_DAY, Block, Change, Sensing, changes
from answerable.monitor.drift.blame import PEOPLE, VERSIONS, Mark, Slice, Used, blame
from answerable.monitor.drift.finding import Blame, Cause, Finding, Shift, Sure
from answerable.monitor.drift.signals import FAMILIES, MIXES, PART, SIGNALS, Kind, signal_of
from answerable.monitor.topics import Topics

__all__ = ["DriftParts", "DriftReport", "drift_daily", "findings"]

_LATE = timedelta(days=4)  # votes, follow-ups and closed tasks come so late
_TOGETHER = timedelta(hours=30)  # starts that are no further apart are one change
_SAME = timedelta(days=2)  # a change is the one that was told where it begins no further away
_KEEP = timedelta(days=400)
_DIMENSIONS = (*VERSIONS, *PEOPLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftParts:
    """What the job needs. `model` is the key of the space of questions, for the names of topics."""

    drift: PostgresDrift
    topics: PostgresTopics
    happenings: Happenings
    settings: DriftSection
    tenant: str
    model: str
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """All changes of the time that was looked at, oldest first; `new` are those that nobody was told of yet.

    `signals` had enough answers to be looked at; `answers` is of the last day.
    """

    since: datetime
    until: datetime
    found: Sequence[Finding]
    new: Sequence[Finding]
    signals: int
    answers: int
    timezone: str = "UTC"

    @property
    def sentence(self) -> str:
        """One sentence: the newest change, or that there is none."""
        if self.new:
            more = f" {len(self.new) - 1} more: `answerable drift show`." if len(self.new) > 1 else ""
            return self.new[-1].sentence(self.timezone) + more
        looked = f"{self.signals} signals over {self.answers:,} answers of the last day"
        if not self.signals:
            return (
                f"Too early to tell: {self.answers:,} answers in the day before {self.until:%-d %b %H:%M} UTC,"
                " and three days of them are needed."
            )
        if not self.found:
            return f"Nothing changed since {self.since:%-d %b}: {looked}."
        last = self.found[-1].headline
        return f"Nothing new: {looked}; the last change was {last.signal.noun} on {last.start:%-d %b}."


async def drift_daily(parts: DriftParts, *, now: datetime) -> DriftReport:
    """Fold the events, look, and tell what is new as happenings; doing it twice tells nothing twice.

    Raises DatabaseUnreachable.
    """
    await _fold(parts, now)
    report = await findings(parts, now=now)
    for one in report.new:
        parts.happenings.write(_happening(one, parts, now))
    parts.happenings.write(
        Happening(
            name="drift.told",
            tenant=parts.tenant,
            id=content_id("ev", "drift.told", parts.tenant, f"{now:%Y-%m-%d}"),
            at=now,
            props={
                "day": f"{now:%Y-%m-%d}",
                "found": len(report.new),
                "answers": report.answers,
                "signals": report.signals,
                "sentence": report.sentence[:300],
            },
        )
    )
    return report


async def findings(parts: DriftParts, *, now: datetime) -> DriftReport:
    """What the cells say as they are; writes nothing."""
    until = block_of(now)
    since = until - timedelta(days=parts.settings.look_back)
    cells = await parts.drift.read(tenant=parts.tenant, since=since, until=until, dimensions=["", *MIXES])
    if cells:
        since = cells[0].block
    shifts, looked = _shifts(cells, since, until, parts, await _breaks(parts, since, until))
    happened = await marks(parts.drift, tenant=parts.tenant, since=since - timedelta(days=2), until=now)
    named = await _topics(parts, now)
    found = [await _finding(parts, group, happened, named, since, until) for group in _groups(shifts)]
    told = await parts.drift.happened(tenant=parts.tenant, since=since, until=now, names=["drift.found"])
    day = [one for one in cells if one.signal == "asked" and not one.dimension and one.block >= until - 4 * BLOCK]
    return DriftReport(
        since=since,
        until=until,
        found=found,
        new=[one for one in found if not _was_told(one, told)],
        signals=looked,
        answers=sum(one.n for one in day),
        timezone=parts.timezone,
    )


async def _fold(parts: DriftParts, now: datetime) -> None:
    until = block_of(now)
    newest = await parts.drift.newest(tenant=parts.tenant)
    oldest = until - timedelta(days=parts.settings.look_back)
    since = oldest if newest is None else max(oldest, min(newest + BLOCK, until) - _LATE)
    if newest is None and (first := await parts.drift.first_event(tenant=parts.tenant, since=oldest)):
        since = max(oldest, block_of(first))
    if since < until:
        await parts.drift.fold(tenant=parts.tenant, since=since, until=until, keep=_KEEP)


async def _breaks(parts: DriftParts, since: datetime, until: datetime) -> list[datetime]:
    """When topics were made anew: shares of topics before and after are not of the same topics."""
    made = await parts.drift.happened(tenant=parts.tenant, since=since, until=until, names=["topics.made"])
    return [block_of(one.at) + BLOCK for one in made if one.props.get("born") or one.props.get("gone")]


def _shifts(
    cells: Sequence[Cell], since: datetime, until: datetime, parts: DriftParts, breaks: Sequence[datetime]
) -> tuple[list[Shift], int]:
    """Every change of every signal, and how many signals there are to look at."""
    blocks = by_signal(cells, since, until)
    values = Counter(_family(name) for name in blocks)
    found: list[Shift] = []
    for name, several in blocks.items():
        mix = name.partition(":")[0] if ":" in name else ""
        if not mix and name.partition(PART)[0] not in SIGNALS:
            continue
        per_family = parts.settings.false_alarm_days * PER_DAY * FAMILIES * values[_family(name)]
        sensing = Sensing(blocks_to_false_alarm=per_family, share=signal_of(name).kind is Kind.SHARE)
        at = [(one - since) // BLOCK for one in breaks] if mix == "topic" else []
        found += [_shift(name, one, since) for one in changes(several, sensing, breaks=at)]
    return found, sum(_enough(several) for several in blocks.values())


def _family(name: str) -> str:
    """Those that share one part of the budget of false alarms: a mix's values, a signal's languages."""
    mix, _, value = name.partition(":")
    base, part, _ = name.partition(PART)
    return mix if value else base + part


def _enough(blocks: Sequence[Block]) -> bool:
    return sum(one.n > 0 for one in blocks) > 3 * PER_DAY


def _shift(name: str, one: Change, since: datetime) -> Shift:
    signal = signal_of(name)

    def at(block: int) -> datetime:
        return since + block * BLOCK

    return Shift(
        signal=signal,
        start=at(one.start) - signal.lag,
        earliest=at(one.earliest) - signal.lag,
        latest=at(one.latest) - signal.lag,
        known=at(one.found + 1),
        before=one.before,
        after=one.after,
        n_before=one.n_before,
        n=one.n,
        low=one.low,
        high=one.high,
        evidence=one.evidence,
    )


def _groups(shifts: Sequence[Shift]) -> list[list[Shift]]:
    """Shifts of one time, the headline first; groups in order of time."""
    groups: list[list[Shift]] = []
    for one in sorted(shifts, key=lambda one: (one.start, one.signal.name)):
        if groups and one.start - groups[-1][0].start <= _TOGETHER:
            groups[-1].append(one)
        else:
            groups.append([one])
    order = {name: n for n, name in enumerate(SIGNALS)}
    for group in groups:
        whole = {one.signal.name for one in group}
        group[:] = [one for one in group if PART not in one.signal.name or _base(one.signal.name) not in whole]
        group.sort(key=lambda one: (order.get(one.signal.name, len(order)), -one.evidence))
    return groups


async def _finding(
    parts: DriftParts,
    group: Sequence[Shift],
    happened: Sequence[Mark],
    named: Topics | None,
    since: datetime,
    until: datetime,
) -> Finding:
    """The headline's cause; where that cannot be told, the first that another signal of the group tells."""
    mixed = [one.signal.noun for one in group if one.signal.of_people]
    blames = [await _blame(parts, one, happened, named, (since, until), mixed) for one in group]
    best = min(blames, key=lambda one: (list(Sure).index(one.sure), blames.index(one)))
    own = blames[0]
    if own.sure is Sure.CANT_TELL and best.sure is not Sure.CANT_TELL and best.cause is not Cause.USERS:
        own = Blame(cause=best.cause, sure=Sure.LIKELY, why=best.why, only=own.only, explained=best.explained)
    value = group[0].signal.name.partition(":")[2]
    return Finding(shifts=group, blame=own, value=named.named(value) if named and value else value)


async def _blame(
    parts: DriftParts,
    one: Shift,
    happened: Sequence[Mark],
    named: Topics | None,
    span: tuple[datetime, datetime],
    mixed: Sequence[str],
) -> Blame:
    slices: Mapping[str, Sequence[Slice]] = {}
    used: list[Used] = []
    if not one.signal.of_people and PART not in one.signal.name:  # of a part there are no slices: time tells
        start = one.start + one.signal.lag
        begin = max(span[0], start - timedelta(days=28))
        end = min(span[1], start + timedelta(days=7))
        cells = await parts.drift.read(
            tenant=parts.tenant, since=begin, until=end, dimensions=_DIMENSIONS, signal=one.signal.name
        )
        slices = slices_of(cells, start, lambda kind, value: _label(kind, value, named))
        if one.signal.name in ("refusals", "withheld", "conflicts", "dislikes", "guards"):
            rows = await parts.drift.documents(
                tenant=parts.tenant, signal=one.signal.name, since=begin, start=start, until=end
            )
            used = [_used(row) for row in rows]
    return blame(one, slices=slices, marks=happened, used=used, mixed=mixed)


def _used(row: Mapping[str, object]) -> Used:
    names = ("n0", "n1", "all0", "all1", "allbad0", "allbad1")
    counts = {name: int(str(row[name])) for name in names}
    return Used(document=str(row["document"]), bad=int(str(row["bad1"])), **counts)


def _label(dimension: str, value: str, named: Topics | None) -> str:
    return named.named(value) if named is not None and dimension == "topic" else ""


async def _topics(parts: DriftParts, now: datetime) -> Topics | None:
    kept = await parts.topics.newest(tenant=parts.tenant, model=parts.model, by=now)
    return None if kept is None else Topics.from_json(kept)


def _was_told(one: Finding, told: Sequence[Happening]) -> bool:
    """Of one signal at about one time; what was told is not told again because it began an hour earlier."""
    names = {_base(each.signal.name) for each in one.shifts}
    return any(
        names & {_base(name) for name in each.props.get("signals", ())}
        and abs(datetime.fromisoformat(each.props["since"]) - one.headline.start) <= _SAME
        for each in told
    )


def _base(name: str) -> str:
    """The signal of which a part is looked at; any other name itself."""
    return name.partition(PART)[0]


def _happening(one: Finding, parts: DriftParts, now: datetime) -> Happening:
    head = one.headline
    return Happening(
        name="drift.found",
        tenant=parts.tenant,
        id=content_id("ev", "drift.found", parts.tenant, head.signal.name, head.known.isoformat()),
        at=now,
        props={
            "signals": [each.signal.name for each in one.shifts][:20],
            "since": head.start.isoformat(),
            "earliest": head.earliest.isoformat(),
            "latest": head.latest.isoformat(),
            "known": head.known.isoformat(),
            "before": head.before,
            "after": head.after,
            "n": head.n,
            "cause": one.blame.cause.value,
            "sure": one.blame.sure.value,
            "only": one.blame.only,
            "sentence": one.sentence(parts.timezone),
        },
    )
