"""A store in memory: exact and small. The same contract as Postgres; what users test and the lab measures with."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import repeat

import numpy as np

from answerable.adapters.bm25 import index_terms
from answerable.adapters.fakes.ledger import MemoryLedger
from answerable.adapters.memory_index import Entry, MemoryIndex, Scores, Stored
from answerable.adapters.stored import check_storable, document_view, mismatch, passage, select_document
from answerable.core.document import Chunk, Document, embedding_text
from answerable.core.errors import ModelMismatch
from answerable.core.passage import Passage
from answerable.core.ports import DocumentView, EmbeddingModel, Indexed, Vector, Vectors
from answerable.core.query import Scope
from answerable.text.spelling import asked_keys, keys
from answerable.text.stems import stem, stems
from answerable.text.stopwords import STOPWORDS
from answerable.text.vocabulary import plain_words
from answerable.text.words import terms


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySnapshot:
    """The documents as they stood when the snapshot was taken."""

    scope: Scope
    index: MemoryIndex
    documents: Mapping[str, Stored] = field(default_factory=dict)  # of the tenant, by id

    async def dense(self, vector: Vector, *, limit: int) -> list[Passage]:
        """Every chunk is compared. Raises ModelMismatch for a vector of another dimension."""
        await asyncio.sleep(0)
        if self.index.dim is None:
            return []
        if self.index.dim != len(vector):
            raise ModelMismatch(f"the index holds {self.index.dim} dimensions, the question has {len(vector)}")
        return self._best(self.index.dense(vector), "dense", limit)

    async def lexical(self, text: str, *, limit: int, language: str = "en") -> list[Passage]:
        """Every chunk is weighed; the statistics are those of the whole tenant."""
        await asyncio.sleep(0)
        found = self._best(self.index.lexical(text, language), "lexical", limit)
        return [one for one in found if one.score > 0]

    async def idf(self, text: str, *, language: str = "en") -> dict[str, float]:
        """From the whole tenant, as the lexical search."""
        await asyncio.sleep(0)
        return {one: self.index.idf(one[:64]) for one in dict.fromkeys(stems(text, language))}

    async def unknown(self, text: str, *, language: str = "en") -> tuple[str, ...]:
        """Over the whole tenant."""
        await asyncio.sleep(0)
        held = {term for stored in self._visible() for entry in stored.searched for term in entry.terms}
        dropped = STOPWORDS.get(language, frozenset())
        wanted = dict.fromkeys(one for one in terms(text) if one not in dropped)
        return tuple(one for one in wanted if not {one[:64], stem(one, language)[:64]} & held)

    async def alike(self, words: Sequence[str], *, language: str = "en") -> dict[str, tuple[tuple[str, int], ...]]:
        """Every word is looked at."""
        await asyncio.sleep(0)
        counted = Counter(
            word
            for stored in self._visible()
            if stored.document.language == language
            for entry in stored.searched
            for word in plain_words([embedding_text(stored.document, entry.chunk)], language)
        )
        near = {
            word: tuple(sorted((one, n) for one, n in counted.items() if not asked.isdisjoint(keys(one))))
            for word in words
            if (asked := set(asked_keys(word)))
        }
        return {word: found for word, found in near.items() if found}

    async def get(self, chunk_ids: Sequence[str]) -> list[Passage]:
        """Chunks of every level."""
        known = {
            entry.chunk.id: passage(stored.document, entry.chunk, version=stored.version)
            for stored in self._visible()
            for entry in stored.entries
        }
        return [known[one] for one in dict.fromkeys(chunk_ids) if one in known]

    def _visible(self) -> list[Stored]:
        return [stored for stored in self.documents.values() if stored.visible(self.scope)]

    def _best(self, scores: Scores, arm: str, limit: int) -> list[Passage]:
        return [
            passage(stored.document, entry.chunk, version=stored.version, arm=arm, score=score)
            for score, entry, stored in self.index.best(scores, self.scope, limit)
        ]


class MemoryStore:
    """A Store, TokenCodes and Documents. A write makes a new mapping, so a snapshot never changes."""

    def __init__(self, ledger: MemoryLedger | None = None) -> None:
        self._ledger = ledger or MemoryLedger()
        self._tenants: dict[str, dict[str, Stored]] = {}
        self._indexes: dict[str, MemoryIndex] = {}

    @asynccontextmanager
    async def snapshot(self, scope: Scope) -> AsyncIterator[MemorySnapshot]:
        """One consistent view inside one scope."""
        documents = self._tenants.get(scope.tenant, {})
        if scope.tenant not in self._indexes:
            self._indexes[scope.tenant] = MemoryIndex(documents.values())
        yield MemorySnapshot(scope=scope, index=self._indexes[scope.tenant], documents=documents)

    async def replace(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: Vectors,
        *,
        model: EmbeddingModel,
        tokens: Sequence[bytes] = (),
    ) -> int:
        """A new version when the text is another. Raises ModelMismatch, and ParseError for unstorable text."""
        check_storable(document, chunks, vectors, model, tokens)
        held = self._tenants.get(document.tenant, {})
        others = [stored.model for key, stored in held.items() if key != document.id and stored.entries]
        if any((other.key, other.dim) != (model.key, model.dim) for other in others):
            raise mismatch(others[0].key, model)
        old = held.get(document.id)
        same = old is not None and old.document.text == document.text
        version = (old.version if same else old.version + 1) if old else 1
        entries = tuple(
            Entry(chunk=chunk, terms=index_terms(document, chunk), vector=vector.astype(np.float32), code=code)
            for chunk, vector, code in zip(chunks, vectors, tokens or repeat(None, len(chunks)), strict=True)
        )
        new = Stored(document=document, version=version, model=model, entries=entries)
        self._tenants[document.tenant] = {**held, document.id: new}
        self._indexes.pop(document.tenant, None)
        return version

    async def replace_all(self, documents: Sequence[Indexed], *, model: EmbeddingModel) -> list[int]:
        """One after the other, when all have been looked at."""
        for one in documents:
            check_storable(one.document, one.chunks, one.vectors, model, one.tokens)
        return [
            await self.replace(one.document, one.chunks, one.vectors, model=model, tokens=one.tokens)
            for one in documents
        ]

    async def remove(self, *, tenant: str, document_ids: Sequence[str]) -> int:
        """How many there were."""
        held = self._tenants.get(tenant, {})
        kept = {key: stored for key, stored in held.items() if key not in set(document_ids)}
        self._tenants[tenant] = kept
        self._indexes.pop(tenant, None)
        return len(held) - len(kept)

    async def codes(self, *, tenant: str, chunk_ids: Sequence[str]) -> Mapping[str, bytes]:
        """By chunk id; chunks without a code are left out."""
        wanted = frozenset(chunk_ids)
        entries = (entry for stored in self._tenants.get(tenant, {}).values() for entry in stored.entries)
        return {one.chunk.id: one.code for one in entries if one.code is not None and one.chunk.id in wanted}

    def holds(self, tenant: str, chunk_ids: Sequence[str]) -> bool:
        """Whether all of the chunks are there, whoever may read them."""
        held = {entry.chunk.id for stored in self._tenants.get(tenant, {}).values() for entry in stored.entries}
        return held.issuperset(chunk_ids)

    async def missing(self, *, tenant: str) -> int:
        """Searched chunks that have no code."""
        held = self._tenants.get(tenant, {}).values()
        return sum(entry.code is None for stored in held for entry in stored.searched)

    async def document(self, scope: Scope, reference: str) -> DocumentView:
        """By id, unique id prefix, or uri. Raises NotFound."""
        found = [(one.document.id, one.document.uri) for one in self._visible(scope)]
        chosen = select_document(found, reference)
        stored = self._tenants[scope.tenant][chosen]
        return document_view(stored.document, [entry.chunk for entry in stored.entries], version=stored.version)

    async def documents(self, scope: Scope, *, limit: int = 100, after: str = "") -> list[DocumentView]:
        """By uri, without text and chunks; documents that share the last uri come on the same page."""
        found = sorted(self._visible(scope), key=lambda one: (one.document.uri, one.document.id))
        rest = [one for one in found if one.document.uri > after]
        last = [one.document.uri for one in rest[:limit]][-1:]
        page = [one for one in rest if [one.document.uri] <= last]
        return [document_view(one.document, (), version=one.version, text="") for one in page]

    async def read(self, scope: Scope, *, limit: int = 100, after: str = "") -> list[DocumentView]:
        """As `documents`, with text and chunks."""
        page = await self.documents(scope, limit=limit, after=after)
        return [await self.document(scope, one.id) for one in page]

    async def counts(self, *, tenant: str) -> dict[str, int]:
        """documents, chunks, sources, failed (files that could not be read)."""
        held = self._tenants.get(tenant, {}).values()
        return {
            "documents": len(held),
            "chunks": sum(len(stored.entries) for stored in held),
            "sources": len({stored.document.source for stored in held}),
            "failed": self._ledger.failed(tenant=tenant),
        }

    def _visible(self, scope: Scope) -> list[Stored]:
        return [stored for stored in self._tenants.get(scope.tenant, {}).values() if stored.visible(scope)]
