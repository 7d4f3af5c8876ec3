"""The raw items behind a number: which tasks there are, and the events that one was made of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from answerable.core.errors import ConfigError, NotFound
from answerable.core.event import Event
from answerable.core.ports.events import Events, Tasks
from answerable.core.task import Task, TaskState
from answerable.monitor.completion import WHY
from answerable.monitor.turns import READ, REVIEWED, SIGNALS

OPEN = "open"
_TOLD = ("task.opened", "task.closed", "task.reopened", "escalation.claimed", "escalation.resolved", REVIEWED)
_TAKEN = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which tasks. `state`: one of TaskState, open, or empty for all; `why_not`: a reason, `any`, or empty."""

    since: datetime
    until: datetime
    state: str = ""
    why_not: str = ""
    topic: str = ""
    prompt_version: str = ""
    language: str = ""
    limit: int = 50

    def __post_init__(self) -> None:
        known = [OPEN, *(one.value for one in TaskState)]
        if self.state and self.state not in known:
            raise ConfigError(f"there is no state {self.state!r}", hint=f"one of {', '.join(known)}")

    def takes(self, task: Task) -> bool:
        """Whether it is one of them."""
        if bool(task.why_not) != bool(self.why_not) or self.why_not not in ("", "any", task.why_not):
            return False
        named = (
            (self.topic, task.topic),
            (self.prompt_version, task.prompt_version),
            (self.language, task.language),
        )
        return all(not mine or mine == its for mine, its in named) and self.state in ("", OPEN, task.state.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A task, why it is in its state, and its events by time."""

    task: Task
    why: str
    events: Sequence[Event]


async def tasks_wanted(tasks: Tasks, *, tenant: str, wanted: Wanted) -> tuple[list[Task], int]:
    """The newest of them, and how many there are. Closed ones by the moment they were closed."""
    found = [one async for one in _rows(tasks, tenant, wanted) if wanted.takes(one)]
    found.sort(key=lambda one: (one.closed_at or one.last_at, one.id), reverse=True)
    return found[: wanted.limit], len(found)


async def story_of(events: Events, tasks: Tasks, *, tenant: str, reference: str, now: datetime) -> Story:
    """Of the task with this id, or a unique beginning of it, of the last 90 days. Raises NotFound."""
    every = Wanted(since=now - timedelta(days=90), until=now)
    found = [one async for one in _all(tasks, tenant, every) if one.id.startswith(reference)]
    if len(found) != 1:
        told = "there is no task" if not found else f"{len(found)} tasks begin with"
        raise NotFound(f"{told} {reference!r} in the last 90 days", hint="`answerable task list`")
    task = found[0]
    margin = timedelta(days=4)
    names = (*READ, *_TOLD)
    near = events.read(tenant=tenant, since=task.opened_at, until=task.last_at + margin, names=names)
    late = events.read(tenant=tenant, since=task.last_at + margin, until=now, names=(*SIGNALS, *_TOLD))
    known = [one async for one in near if _is_of(one, task)]
    known += [one async for one in late if _is_of(one, task)]
    why = "it may go on" if task.closed_at is None else WHY[task.state]
    return Story(task=task, why=why, events=known)


def _is_of(event: Event, task: Task) -> bool:
    if event.task or event.answer:
        return event.task == task.id or event.answer in task.answers
    return bool(task.conversation) and event.conversation == task.conversation


async def _rows(tasks: Tasks, tenant: str, wanted: Wanted) -> AsyncIterator[Task]:
    if wanted.state == OPEN:
        for one in await tasks.open_tasks(tenant=tenant):
            yield one
        return
    async for one in tasks.closed(tenant=tenant, since=wanted.since, until=wanted.until + _TAKEN):
        yield one


async def _all(tasks: Tasks, tenant: str, wanted: Wanted) -> AsyncIterator[Task]:
    for one in await tasks.open_tasks(tenant=tenant):
        yield one
    async for one in tasks.closed(tenant=tenant, since=wanted.since, until=wanted.until + _TAKEN):
        yield one
