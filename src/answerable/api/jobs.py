"""Work of minutes that one person waits for: begun, looked at, called off. Held by this process alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from answerable.core.errors import AnswerableError
from answerable.core.identity import random_id

log = logging.getLogger(__name__)

MOST_SAID = 40  # lines of progress that are kept
MOST_KEPT = 100  # people whose last job is kept
Work = Callable[[Callable[[str], None]], Awaitable[Mapping[str, Any]]]
"""What is done; it tells of its progress, and gives JSON-able results."""


@dataclass(slots=True, kw_only=True)
class Job:
    """One person's. `about` names what it is for; `state` is running, done, failed or cancelled."""

    about: str
    id: str = field(default_factory=lambda: random_id("jb"))
    state: str = "running"
    said: list[str] = field(default_factory=list)
    result: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""
    task: asyncio.Task[None] | None = None

    def tell(self, line: str) -> None:
        """One more line of progress; the oldest go."""
        self.said = [*self.said, line][-MOST_SAID:]

    def ended(self, task: asyncio.Task[None]) -> None:
        """A task that was called off before its first step never came to say so."""
        if task.cancelled():
            self.state = "cancelled"

    def record(self) -> dict[str, Any]:
        """For a page."""
        said, result = list(self.said), dict(self.result)
        return {"id": self.id, "state": self.state, "said": said, "result": result, "fault": self.fault}


@dataclass(slots=True, kw_only=True)
class Jobs:
    """The last job of each person. Who begins another one calls off the first."""

    _by_owner: dict[str, Job] = field(default_factory=dict)

    def begin(self, owner: str, about: str, work: Work) -> Job:
        """Returns at once."""
        self.cancel(owner)
        job = Job(about=about)
        self._by_owner.pop(owner, None)
        self._by_owner[owner] = job
        for one in list(self._by_owner)[:-MOST_KEPT]:
            self.cancel(one)
            del self._by_owner[one]
        job.task = asyncio.create_task(_worked(job, work))
        job.task.add_done_callback(job.ended)
        return job

    def of(self, owner: str, job_id: str) -> Job | None:
        """The person's own, if it is that one."""
        job = self._by_owner.get(owner)
        return job if job is not None and job.id == job_id else None

    def cancel(self, owner: str) -> None:
        """Call the person's job off. What has ended stays as it is."""
        job = self._by_owner.get(owner)
        if job is not None and job.task is not None:
            job.task.cancel()

    async def close(self) -> None:
        """Call everything off and wait until it has ended."""
        tasks = [job.task for job in self._by_owner.values() if job.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _worked(job: Job, work: Work) -> None:
    try:
        job.result = await work(job.tell)
        job.state = "done"
    except AnswerableError as error:
        job.state, job.fault = "failed", f"{error} ({error.hint})" if error.hint else str(error)
    except Exception:  # the boundary of a task that nobody awaits: the person must see that it broke
        log.exception("a job broke")
        job.state, job.fault = "failed", "answerable itself broke; the server's log has the traceback"
