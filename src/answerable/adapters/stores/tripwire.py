"""A store whose searches never give a canary, and tell when one came first."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from answerable.core.canary import SOURCE, trip
from answerable.core.document import Chunk, Document
from answerable.core.passage import Passage
from answerable.core.ports import EmbeddingModel, Indexed, Snapshot, Speller, Store, Vector, Vectors
from answerable.core.query import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Tripwire:
    """The Store port around another. One passage more than wanted is read for each search."""

    inner: Store

    @asynccontextmanager
    async def snapshot(self, scope: Scope) -> AsyncIterator[Snapshot]:
        """The inner one's, without canaries."""
        async with self.inner.snapshot(scope) as view:
            yield _Spelling(view, view) if isinstance(view, Speller) else _Watched(view)

    async def replace(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: Vectors,
        *,
        model: EmbeddingModel,
        tokens: Sequence[bytes] = (),
    ) -> int:
        """As the inner one does."""
        return await self.inner.replace(document, chunks, vectors, model=model, tokens=tokens)

    async def replace_all(self, documents: Sequence[Indexed], *, model: EmbeddingModel) -> list[int]:
        """As the inner one does."""
        return await self.inner.replace_all(documents, model=model)

    async def remove(self, *, tenant: str, document_ids: Sequence[str]) -> int:
        """As the inner one does."""
        return await self.inner.remove(tenant=tenant, document_ids=document_ids)


class _Watched:
    """A view without canaries."""

    def __init__(self, view: Snapshot) -> None:
        self._view = view

    async def dense(self, vector: Vector, *, limit: int) -> list[Passage]:
        """Nearest first."""
        return _without(await self._view.dense(vector, limit=limit + 1), limit)

    async def lexical(self, text: str, *, limit: int, language: str = "en") -> list[Passage]:
        """Best first."""
        return _without(await self._view.lexical(text, limit=limit + 1, language=language), limit)

    async def idf(self, text: str, *, language: str = "en") -> dict[str, float]:
        """How telling each stem is; a few canaries among thousands of chunks change nothing."""
        return await self._view.idf(text, language=language)

    async def get(self, chunk_ids: Sequence[str]) -> list[Passage]:
        """Those of the chunks that the scope allows."""
        return [one for one in await self._view.get(chunk_ids) if one.source != SOURCE]


class _Spelling(_Watched):
    """The same for a view that knows how its words are spelled."""

    def __init__(self, view: Snapshot, speller: Speller) -> None:
        super().__init__(view)
        self._speller = speller

    async def unknown(self, text: str, *, language: str = "en") -> tuple[str, ...]:
        """The words that no chunk has."""
        return await self._speller.unknown(text, language=language)

    async def alike(self, words: Sequence[str], *, language: str = "en") -> dict[str, tuple[tuple[str, int], ...]]:
        """Words that are about as spelled."""
        return await self._speller.alike(words, language=language)


def _without(passages: list[Passage], limit: int) -> list[Passage]:
    if passages and passages[0].source == SOURCE:
        trip(passages[0].chunk.document_id)
    return [one for one in passages if one.source != SOURCE][:limit]
