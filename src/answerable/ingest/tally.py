"""The counts of a sync while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from answerable.core.quarantine import HeldDocument
from answerable.ingest.plan import Plan
from answerable.ingest.progress import Observer, Progress
from answerable.ingest.report import SyncReport


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts what happens to each file and tells the observer."""

    source: str
    observe: Observer
    clock: Callable[[], float] = time.perf_counter
    total: int | None = None
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0
    removed: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    held: dict[str, HeldDocument] = field(default_factory=dict)
    newly_held: list[str] = field(default_factory=list)
    chunks: int = 0
    embedded: int = 0
    cached: int = 0
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    def planned(self, todo: Plan) -> None:
        """The listing is complete; a look was enough for some files."""
        self.total = todo.total
        self.unchanged = todo.unchanged
        self.failed.update(todo.still_failed)
        self.skipped = todo.unchanged + len(todo.still_failed)
        self.tell()

    def stored(self, uri: str, *, new: bool, chunks: int) -> None:
        """A file's new version is findable."""
        self.added += new
        self.changed += not new
        self.chunks += chunks
        self.tell(uri)

    def same(self, uri: str) -> None:
        """A file was read and is what it was."""
        self.unchanged += 1
        self.tell(uri)

    def fail(self, uri: str, cause: str) -> None:
        """A file cannot be read, parsed or stored."""
        self.failed[uri] = cause
        self.tell(uri)

    def hold(self, uri: str, held: HeldDocument, *, new: bool) -> None:
        """A file's text waits for its owner, or was sent away before."""
        self.held[uri] = held
        if new:
            self.newly_held.append(uri)
        self.tell(uri)

    def tell(self, uri: str = "") -> None:
        """Show the observer where the sync stands."""
        done = self.added + self.changed + self.unchanged + len(self.failed) + len(self.held)
        self.observe(
            Progress(
                source=self.source,
                total=self.total,
                done=done,
                skipped=self.skipped,
                failed=len(self.failed),
                removed=self.removed,
                chunks=self.chunks,
                embedded=self.embedded,
                cached=self.cached,
                seconds=self.clock() - self.started,
                uri=uri,
            )
        )

    def report(self, run: str) -> SyncReport:
        """What it came to."""
        return SyncReport(
            run=run,
            source=self.source,
            added=self.added,
            changed=self.changed,
            unchanged=self.unchanged,
            removed=self.removed,
            failed=dict(sorted(self.failed.items())),
            held=tuple(self.held[uri] for uri in sorted(self.held)),
            newly_held=tuple(sorted(self.newly_held)),
            chunks=self.chunks,
            embedded=self.embedded,
            cached=self.cached,
            seconds=self.clock() - self.started,
        )
