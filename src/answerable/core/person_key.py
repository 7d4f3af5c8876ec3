"""Keys that make pseudonyms of persons: each has its time, and is destroyed a while after it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonKey:
    """`starts` included, `ends` not: it makes pseudonyms of what happened in between."""

    starts: datetime
    ends: datetime
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """How long a key makes pseudonyms, and how long it is kept afterwards; seconds."""

    every_s: float
    link_s: float

    def span(self, at: datetime) -> tuple[datetime, datetime]:
        """The time of the key that is right at a moment: the same for every process."""
        n = at.timestamp() // self.every_s
        first, last = (datetime.fromtimestamp(one * self.every_s, UTC) for one in (n, n + 1))
        return first, last

    def dead(self, now: datetime) -> datetime:
        """Keys that ended before this are destroyed."""
        return now - timedelta(seconds=self.link_s)
