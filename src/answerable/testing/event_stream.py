"""A long log in memory that is read by time: for looks at a simulated month, each of which reads minutes of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from operator import attrgetter

from answerable.core.event import Event
from answerable.core.ports import Happening


class EventStream:
    """An Events of what was written before; nothing is checked, and nothing is dropped."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._events = sorted(events, key=attrgetter("at", "id"))
        self._times = [event.at for event in self._events]

    def write(self, event: Event) -> None:
        """At its place in time."""
        n = bisect_left(self._times, event.at)
        self._events.insert(n, event)
        self._times.insert(n, event.at)

    async def flush(self) -> None:
        """Everything is written already."""

    async def append(self, events: Sequence[Event]) -> int:
        """All are new."""
        for event in events:
            self.write(event)
        return len(events)

    async def read(
        self, *, tenant: str, since: datetime, until: datetime, names: Sequence[str] = ()
    ) -> AsyncIterator[Event]:
        """By time, then id."""
        wanted = frozenset(names)
        for event in self._events[bisect_left(self._times, since) : bisect_left(self._times, until)]:
            if event.tenant == tenant and (not wanted or event.name in wanted):
                yield event


class HappeningStream:
    """A Happenings that knows only what has happened by `now`, which the caller moves on."""

    def __init__(self, happenings: Iterable[Happening], *, now: datetime) -> None:
        self.now = now
        self._all = list(happenings)

    def write(self, happening: Happening) -> None:
        """Kept."""
        self._all.append(happening)

    async def flush(self) -> None:
        """Everything is written already."""

    async def latest(self, *, tenant: str, name: str = "", limit: int = 50) -> list[Happening]:
        """Newest first."""
        found = [
            one for one in self._all if one.tenant == tenant and one.at <= self.now and name in ("", one.name)
        ]
        return sorted(found, key=lambda one: one.at, reverse=True)[:limit]
