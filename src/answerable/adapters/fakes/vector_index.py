"""A vector index in memory: exact, small and readable. Its failures can be scripted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from answerable.core.errors import AnswerableError
from answerable.core.ports import Hit, PointKey, PointSet, Space, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One vector with what is known of it."""

    chunk_id: str
    vector: Vector
    facets: frozenset[str]


@dataclass(slots=True, kw_only=True)
class MemoryVectorIndex:
    """A VectorIndex. `failing` holds what the next calls of a method raise, by its name, first one first."""

    name: str = "memory"
    failing: dict[str, list[AnswerableError]] = field(default_factory=dict)
    spaces: dict[Space, dict[PointKey, Point]] = field(default_factory=dict)

    async def upsert(self, space: Space, sets: Sequence[PointSet]) -> None:
        """All at once."""
        await self._called("upsert")
        held = self.spaces.setdefault(space, {})
        for one in sets:
            facets = frozenset(one.facets)
            for key, chunk_id, vector in zip(one.keys, one.chunk_ids, one.vectors, strict=True):
                held[key] = Point(chunk_id=chunk_id, vector=vector, facets=facets)

    async def delete(self, space: Space, keys: Sequence[PointKey]) -> None:
        """Unknown ones are no error."""
        await self._called("delete")
        for key in keys:
            self.spaces.get(space, {}).pop(key, None)

    async def search(
        self, space: Space, vector: Vector, *, limit: int, conditions: Sequence[Sequence[str]]
    ) -> list[Hit]:
        """Every point is compared."""
        await self._called("search")
        found = [
            Hit(stamp=key.stamp, chunk_id=point.chunk_id, score=float(np.dot(point.vector, vector)))
            for key, point in self.spaces.get(space, {}).items()
            if not any(point.facets.isdisjoint(one) for one in conditions)
        ]
        return sorted(found, key=lambda hit: (-hit.score, hit.chunk_id))[: max(limit, 0)]

    async def count(self, space: Space) -> int:
        """How many there are."""
        await self._called("count")
        return len(self.spaces.get(space, {}))

    async def keys(self, space: Space) -> AsyncIterator[PointKey]:
        """In the order of writing."""
        await self._called("keys")
        for key in list(self.spaces.get(space, {})):
            yield key

    async def describe(self) -> str:
        """Itself."""
        await self._called("describe")
        return "memory"

    async def aclose(self) -> None:
        """Nothing to give back."""

    async def _called(self, method: str) -> None:
        await asyncio.sleep(0)
        if planned := self.failing.get(method):
            raise planned.pop(0)
