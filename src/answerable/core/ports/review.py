"""Human review: what can be drawn, what was drawn, and what people said of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from answerable.core.review import Batch, Hold, Item, Reading, Role


class Reviews(Protocol):
    """Batches, items and readings are only ever added; a hold is a lock that ends by itself."""

    async def asked(self, *, tenant: str, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """Every question of the span [since, until), oldest first, as JSON-able values.

        Keys: id, started_at, outcome, answer_id, principal, conversation, question, language, degraded, withheld
        (rows), answer (the answer object or None), answerable (the detail of that step or None) and feedback (the
        last word: up, down or None).
        """
        ...

    async def scores(self, *, tenant: str, since: datetime, limit: int) -> list[tuple[float, str]]:
        """The answerability and language of the newest answers that were given after `since`."""
        ...

    async def plan(self, batch: Batch, items: Sequence[Item]) -> Batch:
        """Keep a batch with its items, as one. One that is already there is returned as it stands."""
        ...

    async def batches(self, *, tenant: str) -> list[Batch]:
        """Newest period first."""
        ...

    async def items(self, *, tenant: str, batch: str | None = None) -> list[Item]:
        """By batch, then place; of all batches without one."""
        ...

    async def hold(self, *, tenant: str, item: str, reader: str, role: Role, seats: int, seconds: float) -> bool:
        """Open an item for somebody, or go on holding it; False where `seats` others have it open or have read it.

        Raises NotFound for an item that is not there.
        """
        ...

    async def release(self, *, tenant: str, item: str, reader: str) -> None:
        """Close it again; one that is not open is no error."""
        ...

    async def holds(self, *, tenant: str) -> list[Hold]:
        """Those that have not run out, by item and reader."""
        ...

    async def record(self, reading: Reading) -> Reading:
        """Add a reading, with its number and time, and close the item. Raises NotFound."""
        ...

    async def readings(self, *, tenant: str, batch: str | None = None) -> list[Reading]:
        """All that was ever said, oldest first, with what was later replaced or withdrawn."""
        ...
