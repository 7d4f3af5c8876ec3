"""How far a sync is, for whoever watches: a plain callback that gets one frozen event at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The state after a file was finished (or a batch embedded). Counts only grow."""

    source: str
    total: int | None = None  # files listed; None until the listing is complete
    done: int = 0  # files finished, whichever way
    skipped: int = 0  # of those, the ones that a look at size and time was enough for
    failed: int = 0
    removed: int = 0
    chunks: int = 0  # written
    embedded: int = 0  # texts that went through the model
    cached: int = 0  # texts whose vector was known
    seconds: float = 0.0  # since the sync began
    uri: str = ""  # of the file finished last

    @property
    def files_per_s(self) -> float:
        """Files that were read, per second; 0 until the first is finished."""
        return (self.done - self.skipped) / self.seconds if self.seconds > 0 else 0.0

    @property
    def remaining_s(self) -> float | None:
        """Seconds to go at the rate so far; None while that cannot be said."""
        if self.total is None or not self.files_per_s:
            return None
        return (self.total - self.done) / self.files_per_s


Observer = Callable[[Progress], None]


def ignore(progress: Progress) -> None:
    """The observer of those who only want the report."""
