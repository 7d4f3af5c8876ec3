"""The product's log in memory: what users test emission with. A wrong name or prop is an error here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from answerable.core.event import Event
from answerable.core.event_names import checked


class MemoryEvents:
    """Events that forget everything when the process ends."""

    def __init__(self) -> None:
        self.written: list[Event] = []
        self._seen: set[tuple[str, datetime, object]] = set()

    def write(self, event: Event) -> None:
        """Keep; the same id twice is one event. Raises ValueError for a name or a prop that is not in the list."""
        self._keep(checked(event))

    async def flush(self) -> None:
        """Everything is written already."""

    async def append(self, events: Sequence[Event]) -> int:
        """How many were new. Raises ValueError for a name or a prop that is not in the list."""
        return sum(self._keep(one) for one in [checked(one) for one in events])

    async def read(
        self, *, tenant: str, since: datetime, until: datetime, names: Sequence[str] = ()
    ) -> AsyncIterator[Event]:
        """By time, then id."""
        found = [
            one
            for one in self.written
            if one.tenant == tenant and since <= one.at < until and (not names or one.name in names)
        ]
        for one in sorted(found, key=lambda one: (one.at, one.id)):
            yield one

    def _keep(self, event: Event) -> bool:
        key = (event.tenant, event.at, event.id)
        if key in self._seen:
            return False
        self._seen.add(key)
        self.written.append(event)
        return True
