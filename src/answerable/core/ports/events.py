"""What happened that somebody should know of; the names are in one list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from answerable.core.identity import random_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One event. `props` are JSON-able facts without free text of persons; the same id twice is one event."""

    name: str  # model.changed | budget.threshold | breaker.opened | breaker.closed | drill.finished | …
    tenant: str = ""
    props: Mapping[str, Any] = field(default_factory=dict)
    trace_id: str = ""
    id: str = field(default_factory=lambda: random_id("ev"))
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Happenings(Protocol):
    """Append-only. Writing never waits; what cannot be written now is kept on disk and written later."""

    def write(self, happening: Happening) -> None:
        """Queue; returns at once."""
        ...

    async def flush(self) -> None: ...

    async def latest(self, *, tenant: str, name: str = "", limit: int = 50) -> list[Happening]:
        """Newest first."""
        ...
