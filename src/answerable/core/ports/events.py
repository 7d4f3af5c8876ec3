"""What happened that somebody should know of; the names are in one list."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from answerable.core.event import Event
from answerable.core.identity import random_id
from answerable.core.person_key import PersonKey, Rotation
from answerable.core.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One event. `props` are JSON-able facts without free text of persons; the same id twice is one event."""

    name: str  # model.changed | budget.threshold | breaker.opened | breaker.closed | drill.finished | …
    tenant: str = ""
    props: Mapping[str, Any] = field(default_factory=dict)
    trace_id: str = ""
    id: str = field(default_factory=lambda: random_id("ev"))
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Happenings(Protocol):
    """Append-only. Writing never waits; what cannot be written now is kept on disk and written later."""

    def write(self, happening: Happening) -> None:
        """Queue; returns at once."""
        ...

    async def flush(self) -> None: ...

    async def latest(self, *, tenant: str, name: str = "", limit: int = 50) -> list[Happening]:
        """Newest first."""
        ...


class Events(Protocol):
    """The product's log: append-only. Writing never waits; what cannot be written now is kept on disk."""

    def write(self, event: Event) -> None:
        """Queue; returns at once."""
        ...

    async def flush(self) -> None: ...

    async def append(self, events: Sequence[Event]) -> int:
        """Write at once, in bulk, past the queue; how many were new. Raises Unreachable."""
        ...

    def read(
        self, *, tenant: str, since: datetime, until: datetime, names: Sequence[str] = ()
    ) -> AsyncIterator[Event]:
        """`since` included, `until` not; by time, then id; of all names where none is given."""
        ...


class PersonKeys(Protocol):
    """Keys of pseudonyms: the same for every process, and gone for all when one is destroyed."""

    async def kept(self, *, tenant: str, rotation: Rotation, now: datetime) -> list[PersonKey]:
        """Make the keys of now and of the time after it, destroy the dead ones, and give those that there are."""
        ...

    async def found(self, *, tenant: str) -> list[PersonKey]:
        """Those that there are, the oldest first; nothing is made or destroyed."""
        ...


class Tasks(Protocol):
    """Tasks as they stand; a task that is written again takes the place of the old one."""

    async def put(self, tasks: Sequence[Task]) -> None: ...

    async def open_tasks(self, *, tenant: str) -> list[Task]:
        """Not closed yet."""
        ...

    def closed(self, *, tenant: str, since: datetime, until: datetime) -> AsyncIterator[Task]:
        """By `closed_at`, `since` included, `until` not."""
        ...
