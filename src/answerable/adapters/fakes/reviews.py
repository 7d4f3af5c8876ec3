"""Human review in memory, over a journal in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from answerable.adapters.fakes.journal import MemoryJournal
from answerable.core.errors import NotFound
from answerable.core.outcome import Outcome
from answerable.core.review import Batch, Hold, Item, Reading, Role

_ASKED = (
    "id", "started_at", "outcome", "answer_id", "principal", "conversation", "question", "language", "degraded",
    "withheld", "answer",
)  # fmt: skip


class MemoryReviews:
    """A Reviews that is forgotten with the process."""

    def __init__(
        self, journal: MemoryJournal | None = None, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._journal = journal or MemoryJournal()
        self._clock = clock
        self._batches: dict[tuple[str, str], Batch] = {}
        self._items: dict[str, list[Item]] = {}  # by tenant
        self._readings: list[Reading] = []
        self._holds: dict[tuple[str, str, str], Hold] = {}  # by tenant, item and reader

    async def asked(self, *, tenant: str, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """Every question of the span, oldest first, as JSON-able values."""
        lines = await self._journal.traces(tenant=tenant, limit=10**9)
        spans = [one for one in lines if since <= datetime.fromisoformat(one["started_at"]) < until]
        whole = [await self._journal.trace(tenant=tenant, reference=one["id"]) for one in reversed(spans)]
        return [_asked(one) for one in whole]

    async def scores(self, *, tenant: str, since: datetime, limit: int) -> list[tuple[float, str]]:
        """The answerability and language of the newest answers that were given after `since`."""
        after = await self.asked(tenant=tenant, since=since, until=datetime.max.replace(tzinfo=UTC))
        return [
            (one["answerable"]["probability"], one["language"])
            for one in reversed(after)
            if Outcome(one["outcome"]).answers and "probability" in (one["answerable"] or {})
        ][:limit]

    async def plan(self, batch: Batch, items: Sequence[Item]) -> Batch:
        """Keep a batch with its items, as one. One that is already there is returned as it stands."""
        key = (batch.tenant, batch.id)
        if key not in self._batches:
            self._batches[key] = replace(batch, created_at=self._clock())
            self._items.setdefault(batch.tenant, []).extend(items)
        return self._batches[key]

    async def batches(self, *, tenant: str) -> list[Batch]:
        """Newest period first."""
        own = [one for one in self._batches.values() if one.tenant == tenant]
        return sorted(own, key=lambda one: (one.starts, one.id), reverse=True)

    async def items(self, *, tenant: str, batch: str | None = None) -> list[Item]:
        """By batch, then place; of all batches without one."""
        order = {one.id: n for n, one in enumerate(await self.batches(tenant=tenant))}
        own = [one for one in self._items.get(tenant, ()) if batch in (None, one.batch)]
        return sorted(own, key=lambda one: (order[one.batch], one.place))

    async def hold(self, *, tenant: str, item: str, reader: str, role: Role, seats: int, seconds: float) -> bool:
        """Open an item for somebody, or go on holding it; False where it is taken. Raises NotFound."""
        self._find(tenant, item)
        if len(self._busy(tenant, item, role) - {reader}) >= seats:
            return False
        now = self._clock()
        before = self._holds.get((tenant, item, reader))
        goes_on = before is not None and before.until > now and before.role is role
        since = before.since if before is not None and goes_on else now
        until = now + timedelta(seconds=seconds)
        self._holds[tenant, item, reader] = Hold(item=item, reader=reader, role=role, since=since, until=until)
        return True

    async def release(self, *, tenant: str, item: str, reader: str) -> None:
        """Close it again; one that is not open is no error."""
        self._holds.pop((tenant, item, reader), None)

    async def holds(self, *, tenant: str) -> list[Hold]:
        """Those that have not run out, by item and reader."""
        now = self._clock()
        live = [one for (owner, _, _), one in self._holds.items() if owner == tenant and one.until > now]
        return sorted(live, key=lambda one: (one.item, one.reader))

    async def record(self, reading: Reading) -> Reading:
        """Add a reading, with its number and time, and close the item. Raises NotFound."""
        self._find(reading.tenant, reading.item)
        kept = replace(reading, number=len(self._readings) + 1, at=self._clock())
        self._readings.append(kept)
        await self.release(tenant=reading.tenant, item=reading.item, reader=reading.reader)
        return kept

    async def readings(self, *, tenant: str, batch: str | None = None) -> list[Reading]:
        """All that was ever said, oldest first."""
        wanted = {one.id for one in await self.items(tenant=tenant, batch=batch)}
        return [one for one in self._readings if one.tenant == tenant and one.item in wanted]

    def _find(self, tenant: str, item: str) -> None:
        if item not in {one.id for one in self._items.get(tenant, ())}:
            raise NotFound(f"there is no review item {item}")

    def _busy(self, tenant: str, item: str, role: Role) -> set[str]:
        """Who has it open or has read it."""
        now = self._clock()
        last = {
            one.reader: one.withdrawn
            for one in self._readings
            if (one.tenant, one.item, one.role) == (tenant, item, role)
        }
        open_ = {
            one.reader
            for (owner, held, _), one in self._holds.items()
            if (owner, held, one.role) == (tenant, item, role) and one.until > now
        }
        return open_ | {reader for reader, withdrawn in last.items() if not withdrawn}


def _asked(trace: dict[str, Any]) -> dict[str, Any]:
    judged = [step["detail"] for step in trace["steps"] if step["name"] == "answerable"]
    said = [one["value"] for one in trace["feedback"]]
    return {
        **{key: trace[key] for key in _ASKED},
        "answerable": judged[-1] if judged else None,
        "feedback": said[-1] if said else None,
    }
