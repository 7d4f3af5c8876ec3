"""The book of jobs in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from answerable.core.job import JobRun, JobStanding, RunState

_Key = tuple[str, str, datetime, int]


@dataclass(slots=True)
class MemoryJobRuns:
    """The JobRuns port."""

    _runs: dict[_Key, JobRun] = field(default_factory=dict)

    async def begin(self, *, tenant: str, run: JobRun) -> None:
        """Write that it runs."""
        for key, one in self._runs.items():
            if key[:3] == (tenant, run.job, run.tick) and one.state is RunState.RUNNING:
                self._runs[key] = replace(one, state=RunState.LOST, ended_at=run.started_at)
        self._put(tenant, run)

    async def end(self, *, tenant: str, run: JobRun) -> None:
        """Write how it ended."""
        self._put(tenant, run)

    async def standing(self, *, tenant: str, jobs: Sequence[str]) -> list[JobStanding]:
        """One for each name."""
        return [self._standing(tenant, job) for job in jobs]

    async def newest(self, *, tenant: str, job: str = "", limit: int = 50) -> list[JobRun]:
        """Newest first."""
        found = [run for key, run in self._runs.items() if key[0] == tenant and job in ("", run.job)]
        return sorted(found, key=lambda one: (one.started_at, one.tick, one.attempt), reverse=True)[:limit]

    async def forget(self, *, tenant: str, before: datetime) -> int:
        """Delete runs that began earlier."""
        jobs = {run.job for key, run in self._runs.items() if key[0] == tenant}
        kept = {self._standing(tenant, job).done for job in jobs}
        old = [
            key
            for key, run in self._runs.items()
            if key[0] == tenant and run.started_at < before and run not in kept
        ]
        for key in old:
            del self._runs[key]
        return len(old)

    def _put(self, tenant: str, run: JobRun) -> None:
        self._runs[(tenant, run.job, run.tick, run.attempt)] = run

    def _standing(self, tenant: str, job: str) -> JobStanding:
        runs = [
            run
            for key, run in self._runs.items()
            if key[0] == tenant and run.job == job and run.state is not RunState.SKIPPED
        ]
        runs.sort(key=lambda one: (one.started_at, one.tick, one.attempt), reverse=True)
        done = next((one for one in runs if one.state is RunState.DONE), None)
        since = [one for one in runs if done is None or one.started_at > done.started_at]
        bad = sum(one.state in (RunState.FAILED, RunState.LOST) for one in since)
        return JobStanding(job=job, last=runs[0] if runs else None, done=done, failed=bad)
