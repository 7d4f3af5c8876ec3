"""The vector index: where a store may keep its vectors outside of its own database. It knows no text."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from answerable.core.ports.ingestion import Vector, Vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """What is searched together: the vectors of one model, of one tenant. Two spaces share nothing."""

    tenant: str  # a second index of the same tenant is another name here
    model: str  # EmbeddingModel.key
    dim: int


@dataclass(frozen=True, slots=True, order=True)
class PointKey:
    """One point: the n-th of the set that was written under `stamp`."""

    stamp: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PointSet:
    """All vectors of one document as one write left it. Never changed: another write is another set."""

    stamp: str  # a UUID, used for this write alone
    chunk_ids: Sequence[str]
    vectors: Vectors  # one row a chunk
    facets: Sequence[str]  # what a search may ask for, as short words; the same for every point

    @property
    def keys(self) -> list[PointKey]:
        """Of its points, in order."""
        return [PointKey(self.stamp, n) for n in range(len(self.chunk_ids))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A point that a search found. `score` is the cosine in [-1, 1]."""

    stamp: str
    chunk_id: str
    score: float


class VectorIndex(Protocol):
    """Points in spaces, searched by nearness. Writes are seen by every search that begins after they returned.

    Each method raises Unreachable when the service does not answer (in time), NotAuthorized when it refuses the
    key, and ConfigError when it refuses the request.
    """

    @property
    def name(self) -> str:
        """Which service and which part of it: equal names are the same index."""
        ...

    async def upsert(self, space: Space, sets: Sequence[PointSet]) -> None:
        """Write every point of the sets; twice is once. The space is made where it is not there."""
        ...

    async def delete(self, space: Space, keys: Sequence[PointKey]) -> None:
        """Take points away for good. Unknown ones are no error."""
        ...

    async def search(
        self, space: Space, vector: Vector, *, limit: int, conditions: Sequence[Sequence[str]]
    ) -> list[Hit]:
        """Nearest first among the points that share a facet with every condition, decided inside the search.

        A condition without facets lets nothing through. At most `limit`; fewer only when there are no more.
        """
        ...

    async def count(self, space: Space) -> int:
        """How many points there are; 0 for a space that was never written to."""
        ...

    def keys(self, space: Space) -> AsyncIterator[PointKey]:
        """Every point once, in any order."""
        ...

    async def describe(self) -> str:
        """The service and its version, asked for now."""
        ...

    async def aclose(self) -> None:
        """Give connections back; the index is not used afterwards."""
        ...
