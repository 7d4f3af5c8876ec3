"""A job: what is done again and again without anybody asking, and the book of its runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class RunState(StrEnum):
    """How a run of a job stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"  # its worker had to go; it is done anew
    LOST = "lost"  # its worker died; it was done anew
    SKIPPED = "skipped"  # a newer tick of the same job was waiting already


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`cron` is minute hour day month weekday, in UTC. A run may take `limit_s` seconds, and a tick is tried
    `tries` times: once where the next tick comes soon."""

    name: str
    cron: str
    limit_s: float = 600.0
    tries: int = 1
    wait_s: int = 300  # before another try

    def __post_init__(self) -> None:
        if not self.name or self.tries < 1 or self.limit_s <= 0:
            raise ValueError(f"no job: {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun:
    """One attempt at one tick. `tick` is the moment of the schedule, which the job was told as now."""

    job: str
    tick: datetime
    attempt: int
    worker: str  # host and process
    started_at: datetime
    state: RunState = RunState.RUNNING
    ended_at: datetime | None = None
    told: Mapping[str, object] = field(default_factory=dict, hash=False)  # counts, by name
    error: str = ""

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs."""
        return None if self.ended_at is None else (self.ended_at - self.started_at).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStanding:
    """What the book knows of one job. `failed` counts runs that failed since the last that was done."""

    job: str
    last: JobRun | None = None
    done: JobRun | None = None
    failed: int = 0
