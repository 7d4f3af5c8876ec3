"""Tasks in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from answerable.core.task import Task


class MemoryTasks:
    """Tasks that are forgotten when the process ends."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Task] = {}

    async def put(self, tasks: Sequence[Task]) -> None:
        """Write them; of several with one id the last stands."""
        self.kept |= {(one.tenant, one.id): one for one in tasks}

    async def open_tasks(self, *, tenant: str) -> list[Task]:
        """Not closed yet, the one that was longest without a turn first."""
        found = [one for one in self.kept.values() if one.tenant == tenant and one.closed_at is None]
        return sorted(found, key=lambda one: (one.last_at, one.id))

    async def closed(self, *, tenant: str, since: datetime, until: datetime) -> AsyncIterator[Task]:
        """By `closed_at`, then id, `since` included, `until` not."""
        found = [
            (one.closed_at, one.id, one)
            for one in self.kept.values()
            if one.tenant == tenant and one.closed_at is not None and since <= one.closed_at < until
        ]
        for _, _, one in sorted(found, key=lambda entry: entry[:2]):
            yield one
