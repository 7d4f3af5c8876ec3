"""One time budget per request; it travels with the query and every step asks it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from answerable.core.errors import DeadlineExceeded

DEFAULT_S = 4.0  # docs/decisions/0003-default-numbers.md


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A point on the monotonic clock, in seconds."""

    at: float
    total_s: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The deadline that many seconds from now."""
        return cls(at=time.monotonic() + seconds, total_s=seconds)

    @classmethod
    def default(cls) -> Deadline:
        """The deadline that a request has which names none."""
        return cls.after(DEFAULT_S)

    @property
    def remaining_s(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self.at - time.monotonic())

    @property
    def over(self) -> bool:
        """Whether no time is left."""
        return self.remaining_s <= 0.0

    def share(self, *, at_most_s: float, keep_s: float = 0.0) -> float:
        """Seconds one step may take: at most `at_most_s`, leaving `keep_s` for what follows; never negative."""
        return max(0.0, min(at_most_s, self.remaining_s - keep_s))

    def check(self, step: str) -> None:
        """Raise DeadlineExceeded, naming the step, when no time is left."""
        if self.over:
            raise DeadlineExceeded(
                f"no time left before {step} (budget {self.total_s:g} s)", hint="raise answer.deadline"
            )
