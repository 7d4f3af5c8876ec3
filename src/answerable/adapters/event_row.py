"""An event and a task as plain values: what a row of theirs, or a line on disk, holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from answerable.adapters.entry import plain
from answerable.core.event import Event
from answerable.core.task import Task, TaskState

_EVENT = tuple(one.name for one in fields(Event))
_TASK = tuple(one.name for one in fields(Task))


def event_values(event: Event) -> dict[str, Any]:
    """As JSON can hold it, and as Postgres reads it from JSON."""
    values = {name: plain(getattr(event, name)) for name in _EVENT if name not in ("person", "cost")}
    return {**values, "person": _hex(event.person), "cost": _money(event.cost)}


def read_event(values: Mapping[str, Any]) -> Event:
    """From a row or from `event_values`. Raises ValueError, KeyError or TypeError."""
    return Event(
        **{
            **values,
            "at": _moment(values["at"]),
            "id": values["id"] if isinstance(values["id"], UUID) else UUID(values["id"]),
            "person": _bytes(values["person"]),
            "degraded": tuple(values["degraded"]),
            "cost": None if values["cost"] is None else Decimal(values["cost"]),
        }
    )


def task_values(task: Task) -> dict[str, Any]:
    """As JSON can hold it, and as Postgres reads it from JSON."""
    values = {name: plain(getattr(task, name)) for name in _TASK if name not in ("person", "cost")}
    return {**values, "person": _hex(task.person), "cost": _money(task.cost)}


def read_task(values: Mapping[str, Any]) -> Task:
    """From a row."""
    return Task(**{**values, "state": TaskState(values["state"]), "answers": tuple(values["answers"])})


def _moment(value: datetime | str) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def spooled_person(person: bytes) -> str:
    """How a pseudonym stands on disk."""
    return "\\x" + person.hex()


def _hex(person: bytes | None) -> str | None:
    return None if person is None else spooled_person(person)


def _bytes(person: bytes | str | None) -> bytes | None:
    return bytes.fromhex(person.removeprefix("\\x")) if isinstance(person, str) else person


def _money(cost: Decimal | None) -> str | None:
    return None if cost is None else str(cost)
