"""What judges said before, so that nobody is paid twice for the same verdict, not even at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from answerable.core.ports import Judgments
from answerable.evals.judges.judgment import Judgment, from_record, to_record


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """A tenant's judgments."""

    judgments: Judgments
    tenant: str
    _turns: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """One caller at a time for a key: the second finds what the first has kept."""
        lock = self._turns.setdefault(key, asyncio.Lock())
        async with lock:
            yield

    async def recall(self, key: str) -> Judgment | None:
        """What was said; None where nothing was."""
        found = await self.judgments.get(tenant=self.tenant, keys=[key])
        return from_record(found[key]) if key in found else None

    async def keep(self, key: str, judgment: Judgment) -> None:
        """Remember a verdict."""
        await self.judgments.put(tenant=self.tenant, key=key, judgment=to_record(judgment))
