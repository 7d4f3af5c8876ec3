"""The book of what jobs did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from answerable.core.job import JobRun, JobStanding


class JobRuns(Protocol):
    """Each tenant's own. Every method may raise Unreachable."""

    async def begin(self, *, tenant: str, run: JobRun) -> None:
        """Write that it runs. Earlier attempts at the same tick that were never ended are lost from now on."""
        ...

    async def end(self, *, tenant: str, run: JobRun) -> None:
        """Write how it ended: by its job, tick and attempt. One that was never begun is written all the same."""
        ...

    async def standing(self, *, tenant: str, jobs: Sequence[str]) -> list[JobStanding]:
        """One for each name, in that order; skipped runs count for nothing."""
        ...

    async def newest(self, *, tenant: str, job: str = "", limit: int = 50) -> list[JobRun]:
        """Newest first; of all jobs where none is named."""
        ...

    async def forget(self, *, tenant: str, before: datetime) -> int:
        """Delete runs that began earlier; the newest done one of each job stays. How many went."""
        ...
