"""What a sync did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from answerable.core.quarantine import HeldDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """One sync of one source. Every listed file is added, changed, unchanged, failed or held."""

    run: str
    source: str
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0  # no longer listed, and out of every search
    failed: Mapping[str, str] = field(default_factory=dict)  # uri → cause; failures of an earlier sync included
    held: tuple[HeldDocument, ...] = ()  # read in this sync and not let into the index, by uri
    newly_held: tuple[str, ...] = ()  # uris of those that nobody had seen before
    chunks: int = 0  # written
    embedded: int = 0  # texts that went through the model
    cached: int = 0  # texts whose vector was known
    seconds: float = 0.0

    @property
    def total(self) -> int:
        """Files listed."""
        return self.added + self.changed + self.unchanged + len(self.failed) + len(self.held)

    @property
    def counts(self) -> dict[str, int]:
        """Everything that is counted, by name; what the ledger keeps of a run."""
        return {
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "removed": self.removed,
            "failed": len(self.failed),
            "held": len(self.held),
            "chunks": self.chunks,
            "embedded": self.embedded,
            "cached": self.cached,
        }
