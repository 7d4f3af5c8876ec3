"""A Store in which some documents are not there: for asking what an answer would be without them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from answerable.core.document import Chunk, Document
from answerable.core.passage import Passage
from answerable.core.ports import EmbeddingModel, Indexed, Snapshot, Speller, Store, Vector, Vectors
from answerable.core.query import Scope

_MORE = 50  # that a search asks for beyond its limit, in the place of what is hidden


@dataclass(frozen=True, slots=True, kw_only=True)
class HidingSnapshot:
    """A Snapshot without the hidden documents. The words' weights stay those of the whole index."""

    view: Snapshot
    hidden: frozenset[str]

    async def dense(self, vector: Vector, *, limit: int) -> list[Passage]:
        """Nearest first."""
        return self._seen(await self.view.dense(vector, limit=limit + _MORE))[:limit]

    async def lexical(self, text: str, *, limit: int, language: str = "en") -> list[Passage]:
        """Best first."""
        return self._seen(await self.view.lexical(text, limit=limit + _MORE, language=language))[:limit]

    async def idf(self, text: str, *, language: str = "en") -> dict[str, float]:
        """Of the whole index."""
        return await self.view.idf(text, language=language)

    async def unknown(self, text: str, *, language: str = "en") -> tuple[str, ...]:
        """Of the whole index; where the view behind does not know its words, none is told."""
        return await self.view.unknown(text, language=language) if isinstance(self.view, Speller) else ()

    async def alike(self, words: Sequence[str], *, language: str = "en") -> dict[str, tuple[tuple[str, int], ...]]:
        """Of the whole index."""
        return await self.view.alike(words, language=language) if isinstance(self.view, Speller) else {}

    async def get(self, chunk_ids: Sequence[str]) -> list[Passage]:
        """Those that are not hidden."""
        return self._seen(await self.view.get(chunk_ids))

    def _seen(self, passages: Sequence[Passage]) -> list[Passage]:
        return [one for one in passages if one.chunk.document_id not in self.hidden]


@dataclass(frozen=True, slots=True, kw_only=True)
class HidingStore:
    """A Store to read from; what is written goes to the store behind it."""

    store: Store
    hidden: frozenset[str]

    @asynccontextmanager
    async def snapshot(self, scope: Scope) -> AsyncIterator[Snapshot]:
        """One consistent view inside one scope."""
        async with self.store.snapshot(scope) as view:
            yield HidingSnapshot(view=view, hidden=self.hidden)

    async def replace(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: Vectors,
        *,
        model: EmbeddingModel,
        tokens: Sequence[bytes] = (),
    ) -> int:
        """Of the store behind it."""
        return await self.store.replace(document, chunks, vectors, model=model, tokens=tokens)

    async def replace_all(self, documents: Sequence[Indexed], *, model: EmbeddingModel) -> list[int]:
        """Of the store behind it."""
        return await self.store.replace_all(documents, model=model)

    async def remove(self, *, tenant: str, document_ids: Sequence[str]) -> int:
        """Of the store behind it."""
        return await self.store.remove(tenant=tenant, document_ids=document_ids)
