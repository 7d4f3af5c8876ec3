"""A store with a fault in it is only read: whoever drills changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from answerable.core.document import Chunk, Document
from answerable.core.errors import ConfigError
from answerable.core.ports import EmbeddingModel, Indexed, Vectors

_READ_ONLY = ConfigError("a store with a fault in it is only read")


class ReadOnlyStore:
    """The writing half of a Store, which refuses."""

    __slots__ = ()

    async def replace(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: Vectors,
        *,
        model: EmbeddingModel,
        tokens: Sequence[bytes] = (),
    ) -> int:
        """Raises ConfigError."""
        raise _READ_ONLY

    async def replace_all(self, documents: Sequence[Indexed], *, model: EmbeddingModel) -> list[int]:
        """Raises ConfigError."""
        raise _READ_ONLY

    async def remove(self, *, tenant: str, document_ids: Sequence[str]) -> int:
        """Raises ConfigError."""
        raise _READ_ONLY
