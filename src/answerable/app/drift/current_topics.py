"""The topics that questions are told by now: had at once on the answering path, read behind it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from answerable.adapters.postgres.topics import PostgresTopics
from answerable.app.ground import Ground
from answerable.app.project import Project
from answerable.core.errors import AnswerableError
from answerable.monitor.topics import Topics

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class CurrentTopics:
    """`now` never waits; what is older than `age_s` seconds is read anew, by one task at a time.

    `model` is the key of the embedder's space.
    """

    topics: PostgresTopics
    tenant: str
    model: str
    age_s: float = 600.0
    clock: Callable[[], float] = time.monotonic
    _now: Topics | None = None
    _at: float | None = None
    _task: asyncio.Task[None] | None = field(default=None, repr=False)

    def now(self) -> Topics | None:
        """The last that were read; None before the first reading, and where there are none."""
        stale = self._at is None or self.clock() - self._at > self.age_s
        if stale and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._read(), name="topics")
        return self._now

    async def refresh(self) -> Topics | None:
        """Take up what is kept. Raises DatabaseUnreachable; then what was known stays."""
        self._at = self.clock()
        kept = await self.topics.newest(tenant=self.tenant, model=self.model)
        self._now = None if kept is None else Topics.from_json(kept)
        return self._now

    async def close(self) -> None:
        """Stop reading."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _read(self) -> None:
        try:
            await self.refresh()
        except AnswerableError as error:
            log.warning("topics could not be read: %s", error)


def current_topics(project: Project, ground: Ground) -> CurrentTopics:
    """Not read yet."""
    tenant, model = project.settings.project.tenant, ground.embedder.model.key
    return CurrentTopics(topics=PostgresTopics(ground.database), tenant=tenant, model=model)
