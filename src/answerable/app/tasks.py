"""The job that makes tasks of events: opens, closes and reopens them, as often as it is run.

What stands is made anew from the events of the last days, so a run may be repeated, broken off anywhere, or happen
in several processes at once: each writes what the same events say.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from answerable.app.task_changes import SUPERSEDED, Changes, Closed, known_of
from answerable.config.metrics import MetricsSection
from answerable.core.event import Event
from answerable.core.event_names import LINKED
from answerable.core.ports.events import Events, Tasks
from answerable.core.task import Task
from answerable.monitor.completion import Signs, taken_back
from answerable.monitor.pseudonym import first_known, links_of
from answerable.monitor.repeats import Known
from answerable.monitor.score import rule_score
from answerable.monitor.tasks import Session, TaskRules, sessions_of
from answerable.monitor.turns import READ, SIGNALS, Turn, fold

_STEP = timedelta(days=7)  # of a first run over old events: so much is held in memory
_FIRST_LOOK = timedelta(days=90)
_MOMENT = timedelta(microseconds=1)


def rules_of(settings: MetricsSection, *, score: Callable[[Signs], float] = rule_score) -> TaskRules:
    """The sessionizer's rules as they are configured."""
    return TaskRules(
        gap_s=settings.task_gap,
        close_after_s=settings.close_after_tickets if settings.tickets else settings.close_after,
        repeat_s=settings.repeat_within,
        verified_from=settings.verified_from,
        displaying=frozenset(settings.displaying),
        score=score,
    )


async def close_tasks(
    events: Events,
    tasks: Tasks,
    *,
    tenant: str,
    now: datetime,
    settings: MetricsSection,
    since: datetime | None = None,
    score: Callable[[Signs], float] = rule_score,
) -> Closed:
    """Bring the tasks up to `now`. `since`: make anew what was opened from then on; None: what can have changed.

    `score`: the chance of completion, by rule or fitted. One person under several keys is one by the events
    person.linked. Raises Unreachable.
    """
    rules = rules_of(settings, score=score)
    job = _Job(events=events, tasks=tasks, tenant=tenant, rules=rules)
    start = _midnight(since or await job.start(now, settings.late_events))
    later = timedelta(seconds=settings.late_events + rules.close_after_s)  # by then a step's tasks are closed
    done, moment = Closed(), min(now, start + _STEP + later)
    while moment < now:
        done = done.plus(await job.run(start, moment))
        start, moment = _midnight(start + _STEP), min(now, moment + _STEP)
    return done.plus(await job.run(start, now))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    events: Events
    tasks: Tasks
    tenant: str
    rules: TaskRules

    async def start(self, now: datetime, late_s: float) -> datetime:
        """From where on tasks can have changed: what is open, what late events may touch, what no run has seen."""
        start = now - timedelta(seconds=late_s + self.rules.close_after_s)
        standing = await self.tasks.open_tasks(tenant=self.tenant)
        if standing:
            return min([start, *(one.opened_at for one in standing)])
        if await _any(self.tasks.closed(tenant=self.tenant, since=start, until=now + _MOMENT)):
            return start
        before = self.tasks.closed(tenant=self.tenant, since=now - _FIRST_LOOK, until=start)
        return max([one.last_at async for one in before], default=now - _FIRST_LOOK)

    async def run(self, start: datetime, now: datetime) -> Closed:
        """Make anew every task that was opened from `start` on, as it is at `now`."""
        standing = await self._standing(start, now)
        read = await self._read(_midnight(start - self._after), now, READ)
        folded = fold(read)
        past = await self._past(start, now)
        rules = replace(self.rules, person=await self._one_name(start, now))
        made = sessions_of(folded.turns, now=now, rules=rules, since=start, past=list(past.values()))
        kept = {one.task.id: one for one in made}
        changes = Changes(tenant=self.tenant, standing=standing)
        for session in kept.values():
            changes.take(session.task, session)
        for one in standing.values():
            if one.opened_at >= start and one.id not in kept and one.why_not != SUPERSEDED:
                changes.drop(one, now)
        await self._take_back(kept.values(), past, changes)
        await self._amend([one for one in folded.strays if one.name in SIGNALS], start, now, changes)
        await self.events.append(changes.events)  # first: what is told twice is there once
        await self.tasks.put(changes.tasks)
        return changes.counted(events=len(read))

    @property
    def _after(self) -> timedelta:
        return timedelta(seconds=self.rules.close_after_s)

    async def _read(self, since: datetime, until: datetime, names: Sequence[str]) -> list[Event]:
        return [one async for one in self.events.read(tenant=self.tenant, since=since, until=until, names=names)]

    async def _one_name(self, start: datetime, now: datetime) -> Callable[[bytes], bytes]:
        """One name for a person under all keys: a key that changed within these days tells who was who."""
        since = start - timedelta(seconds=self.rules.repeat_s)
        links = links_of(await self._read(since, now, (LINKED,)))
        return partial(first_known, links=links)

    async def _standing(self, start: datetime, now: datetime) -> dict[str, Task]:
        found = {one.id: one for one in await self.tasks.open_tasks(tenant=self.tenant)}
        async for one in self.tasks.closed(tenant=self.tenant, since=start, until=now + _MOMENT):
            found[one.id] = one
        return found

    async def _past(self, start: datetime, now: datetime) -> dict[str, Known]:
        """Tasks that were closed so lately that a new one may bring them back, and are not made anew."""
        since = start - timedelta(seconds=self.rules.repeat_s)
        closed = await self._read(since, now, ("task.closed",))
        known = (known_of(one, self._after) for one in closed)
        return {one.id: one for one in known if one.opened_at < start}

    async def _take_back(self, sessions: Iterable[Session], past: Mapping[str, Known], changes: Changes) -> None:
        """Earlier tasks whose need came back."""
        for session in sessions:
            if (known := past.get(session.task.reopens)) is None:
                continue
            row = changes.standing.get(known.id) or await self._row(known)
            if row is not None and row.why_not != SUPERSEDED:
                moment = min(row.reopened_at or session.task.opened_at, session.task.opened_at)
                changes.take(
                    replace(row, reopened_at=moment, state=taken_back(row.state)), old=row, by=session.task.id
                )

    async def _row(self, known: Known) -> Task | None:
        closed_at = known.last_at + self._after
        rows = self.tasks.closed(tenant=self.tenant, since=closed_at, until=closed_at + _MOMENT)
        return await anext((one async for one in rows if one.id == known.id), None)

    async def _amend(self, strays: Sequence[Event], start: datetime, now: datetime, changes: Changes) -> None:
        """Votes, tickets and goals that came long after their task: it is made anew from its own events."""
        answers = {one.answer for one in strays if one.answer}
        if not answers:
            return
        since = now - _FIRST_LOOK
        rows = {
            one.id: one async for one in self.tasks.closed(tenant=self.tenant, since=since, until=now + _MOMENT)
        }
        late = [
            row
            for row in (rows | changes.standing).values()
            if row.opened_at < start and answers.intersection(row.answers)
        ]
        for several in _near(late):
            await self._amend_some(several, now, changes)

    async def _amend_some(self, rows: Sequence[Task], now: datetime, changes: Changes) -> None:
        """Tasks of about one time: what happened then is read once for all of them."""
        until = max(one.last_at for one in rows) + self._after + _MOMENT
        read = await self._read(_midnight(min(one.opened_at for one in rows) - self._after), until, READ)
        read += await self._read(until, now, SIGNALS)
        by_id = {one.id: one for one in rows}
        for one in sessions_of(fold(_about(rows, read)).turns, now=now, rules=self.rules):
            if (row := by_id.get(one.task.id)) is not None:
                task = replace(one.task, reopens=row.reopens, reopened_at=row.reopened_at)
                if row.reopened_at is not None:
                    task = replace(task, state=taken_back(task.state))
                changes.take(task, one, old=changes.latest(row))


def _near(rows: Sequence[Task]) -> list[list[Task]]:
    """By the time at which they were opened, in spans of at most a step."""
    groups: list[list[Task]] = []
    for one in sorted(rows, key=lambda row: (row.opened_at, row.id)):
        if groups and one.opened_at - groups[-1][0].opened_at < _STEP:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _about(rows: Sequence[Task], events: Sequence[Event]) -> list[Event]:
    """Events of these tasks' answers, and those of their conversations that name no answer."""
    answers = {answer for one in rows for answer in one.answers}
    talks = {one.conversation for one in rows if one.conversation}
    return [one for one in events if (one.answer in answers if one.answer else one.conversation in talks)]


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _could_be(turn: Turn, row: Task) -> bool:
    """Whether a turn may be one of the task's."""
    return turn.conversation == row.conversation


async def _any(rows: AsyncIterator[Task]) -> bool:
    return await anext(rows, None) is not None
