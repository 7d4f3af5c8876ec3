"""How far a run is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Rows, counted; `kept` were there before this process began or came from the cache."""

    total: int
    done: int
    kept: int
    failed: int
    unmeasured: int
    spent: Decimal
    seconds: float  # since the first row was asked for

    @property
    def per_second(self) -> float:
        """Rows asked, a second; 0 before the first."""
        asked = self.done - self.kept
        return asked / self.seconds if self.seconds > 0 else 0.0

    @property
    def remaining_s(self) -> float | None:
        """At this pace; None before there is one."""
        return (self.total - self.done) / self.per_second if self.per_second else None


Observer = Callable[[Progress], None]


def ignore(_: Progress) -> None:
    """For those who do not look."""
