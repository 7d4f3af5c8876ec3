"""A log of events that others hear of, too: what is written is counted, and told outside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from answerable.core.event import Event
from answerable.core.ports import Events

Hearer = Callable[[Event], None]  # returns at once


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardEvents:
    """An Events around another. Hearers hear of every event once it is accepted, also of one told before."""

    inner: Events
    hearers: tuple[Hearer, ...]

    def write(self, event: Event) -> None:
        """Queue; returns at once."""
        self.inner.write(event)
        self._tell((event,))

    async def flush(self) -> None:
        """As the other's."""
        await self.inner.flush()

    async def append(self, events: Sequence[Event]) -> int:
        """As the other's; how many were new. Raises Unreachable."""
        new = await self.inner.append(events)
        self._tell(events)
        return new

    def read(
        self, *, tenant: str, since: datetime, until: datetime, names: Sequence[str] = ()
    ) -> AsyncIterator[Event]:
        """As the other's."""
        return self.inner.read(tenant=tenant, since=since, until=until, names=names)

    def _tell(self, events: Sequence[Event]) -> None:
        for event in events:
            for hear in self.hearers:
                hear(event)
