"""What a run of the job of tasks changes: rows to put, and events that tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from answerable.core.event import Event, event_id_of
from answerable.core.task import Task
from answerable.monitor.need import Need
from answerable.monitor.repeats import Known
from answerable.monitor.tasks import Session

SUPERSEDED = "superseded"  # why_not of a task that late events made part of another one


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """What a run did. `changed`: tasks that say something else than before; `events`: how many were read."""

    opened: int = 0
    closed: int = 0
    reopened: int = 0
    changed: int = 0
    superseded: int = 0
    events: int = 0

    def plus(self, other: Closed) -> Closed:
        """Both runs together."""
        return Closed(
            opened=self.opened + other.opened,
            closed=self.closed + other.closed,
            reopened=self.reopened + other.reopened,
            changed=self.changed + other.changed,
            superseded=self.superseded + other.superseded,
            events=self.events + other.events,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is to be written, and what is told of it."""

    tenant: str
    standing: dict[str, Task]
    made: dict[str, Task] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    def latest(self, task: Task) -> Task:
        """As it will stand."""
        return self.made.get(task.id, task)

    def take(self, task: Task, session: Session | None = None, *, old: Task | None = None, by: str = "") -> None:
        """Write it, where it says something new."""
        before = self.made.get(task.id) or old or self.standing.get(task.id)
        if before == task:
            return
        self.made[task.id] = task
        self.events.extend(_told(task, before, session, by))

    def drop(self, task: Task, now: datetime) -> None:
        """Its turns belong to another task now."""
        self.made[task.id] = replace(task, why_not=SUPERSEDED, closed_at=task.closed_at or now)
        self.dropped.append(task.id)

    @property
    def tasks(self) -> list[Task]:
        """To be put."""
        return list(self.made.values())

    def counted(self, *, events: int) -> Closed:
        """How much of what there was."""
        told = {name: sum(one.name == name for one in self.events) for name in _TOLD}
        known = sum(one in self.standing for one in self.made) - len(self.dropped)
        return Closed(
            opened=told["task.opened"],
            closed=told["task.closed"],
            reopened=told["task.reopened"],
            changed=known,
            superseded=len(self.dropped),
            events=events,
        )


_TOLD = ("task.opened", "task.closed", "task.reopened")


def _told(task: Task, before: Task | None, session: Session | None, by: str) -> list[Event]:
    """What changed, as events whose ids are made of what they say."""
    found = []
    if before is None:
        found.append(_event("task.opened", task, task.opened_at, {"state": "open"}))
    changed = before is None or before.closed_at is None or before.state is not task.state
    if task.closed_at is not None and changed and session is not None:
        first = session.turns[0]
        props = {
            "state": task.state.value,
            "turns": task.turns,
            "duration_s": (task.last_at - task.opened_at).total_seconds(),
            "need": first.need,
            "documents": list(first.documents),
        }
        if task.p_complete is not None:
            props["p_complete"] = task.p_complete
        found.append(_event("task.closed", task, task.closed_at, props))
    if task.reopened_at is not None and (before is None or before.reopened_at != task.reopened_at):
        found.append(_event("task.reopened", task, task.reopened_at, {"state": task.state.value, "by": by}))
    return found


def _event(name: str, task: Task, at: datetime, props: Mapping[str, object]) -> Event:
    return Event(
        name=name,
        tenant=task.tenant,
        at=at,
        id=event_id_of(at, name, task.tenant, task.id, str(props.get("state", ""))),
        person=task.person,
        conversation=task.conversation,
        task=task.id,
        channel=task.channel,
        language=task.language,
        topic=task.topic,
        outcome=task.outcome,
        prompt_id=task.prompt_id,
        prompt_version=task.prompt_version,
        model=task.model,
        rollout=task.rollout,
        holdout=task.holdout,
        props=props,
    )


def known_of(closed: Event, after: timedelta) -> Known:
    """An earlier task out of its task.closed. `after`: how long after its last turn it was closed."""
    last_at = closed.at - after
    props = closed.props
    return Known(
        id=closed.task,
        person=closed.person,
        conversation=closed.conversation,
        opened_at=last_at - timedelta(seconds=props.get("duration_s", 0.0)),
        last_at=last_at,
        need=Need(sketch=props.get("need", ""), documents=tuple(props.get("documents", ())), topic=closed.topic),
    )
