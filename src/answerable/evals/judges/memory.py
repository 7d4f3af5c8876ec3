"""What judges said before, so that nobody is paid twice for the same verdict, not even at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

from answerable.core.ports import Judgments


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

    async def recall(self, key: str) -> Mapping[str, Any] | None:
        """What was said; None where nothing was."""
        return (await self.judgments.get(tenant=self.tenant, keys=[key])).get(key)

    async def keep(self, key: str, said: Mapping[str, Any]) -> None:
        """Remember it."""
        await self.judgments.put(tenant=self.tenant, key=key, judgment=said)
