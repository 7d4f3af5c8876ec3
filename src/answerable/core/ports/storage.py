"""The store: chunks, vectors and postings, and what ingestion remembers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from answerable.core.document import Chunk, Document
from answerable.core.passage import Passage
from answerable.core.ports.ingestion import EmbeddingModel, Vector, Vectors
from answerable.core.query import Scope


class Snapshot(Protocol):
    """One consistent view of the store, inside one scope. Its two searches may run at the same time."""

    async def dense(self, vector: Vector, *, limit: int) -> list[Passage]:
        """Nearest first; score = cosine in [-1, 1]. Exact where the filter is selective or the index small."""
        ...

    async def lexical(self, text: str, *, limit: int, language: str = "en") -> list[Passage]:
        """Best first; score = BM25 > 0 (k1 1.2, b 0.75). Passages without a common term are not returned."""
        ...

    async def idf(self, text: str, *, language: str = "en") -> dict[str, float]:
        """How telling each stem of the text is, over the tenant's chunks: ln(1 + (N - df + 1/2) / (df + 1/2))."""
        ...

    async def get(self, chunk_ids: Sequence[str]) -> list[Passage]:
        """Those of the chunks that the scope allows, in the order asked for; score 0."""
        ...


@runtime_checkable
class Speller(Protocol):
    """A Snapshot that knows how its words are spelled. Over one that does not, questions are read as they are."""

    async def unknown(self, text: str, *, language: str = "en") -> tuple[str, ...]:
        """The folded words and parts of words that no chunk of the scope has in any form, without stop words.

        A word of more than 1,000 chunks may count as known to whoever asks.
        """
        ...

    async def alike(self, words: Sequence[str], *, language: str = "en") -> dict[str, tuple[tuple[str, int], ...]]:
        """For each folded word the scope's words of the language that are about as spelled, with how many of its
        chunks have them (at least 1, about so many above 1,000). Words without any are left out: nobody is told a
        word that stands only where they may not read."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """A document as a store takes it: vectors, one row a chunk; one token code a chunk, or none at all."""

    document: Document
    chunks: Sequence[Chunk]
    vectors: Vectors
    tokens: Sequence[bytes] = ()


class Store(Protocol):
    """Chunks, vectors and postings. Tenancy, ACL and filters are applied inside every search, never after."""

    def snapshot(self, scope: Scope) -> AbstractAsyncContextManager[Snapshot]: ...

    async def replace(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: Vectors,
        *,
        model: EmbeddingModel,
        tokens: Sequence[bytes] = (),
    ) -> int:
        """Put the document's new version in the place of the old one, in one transaction; returns its version.

        vectors: one row a chunk. tokens: one code a chunk, as a TokenEncoder gives them, or none at all; read back
        through TokenCodes. Readers see the old or the new version, never half. Raises ModelMismatch when
        the tenant's index holds vectors of another model.
        """
        ...

    async def replace_all(self, documents: Sequence[Indexed], *, model: EmbeddingModel) -> list[int]:
        """`replace` for several documents of one tenant, each there once, all in one transaction: cheaper by far.

        Returns their versions. Where one is refused, none is stored.
        """
        ...

    async def remove(self, *, tenant: str, document_ids: Sequence[str]) -> int:
        """Take documents out of every search at once; returns how many there were. Unknown ids are no error."""
        ...


class TokenCodes(Protocol):
    """What a store keeps of the chunks' tokens. For chunks that a search has found: it looks at no scope."""

    async def codes(self, *, tenant: str, chunk_ids: Sequence[str]) -> Mapping[str, bytes]:
        """By chunk id, as they were given to Store.replace. Chunks without a code are left out."""
        ...

    async def missing(self, *, tenant: str) -> int:
        """How many of the tenant's searched chunks have no code."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """What is known of one file of a source from the last sync."""

    uri: str
    sha256: str  # of the file's bytes together with the settings that shape its chunks
    document_id: str | None  # None: the file failed to parse
    size: int = 0
    mtime_ns: int = 0
    error: str = ""


class Ledger(Protocol):
    """What ingestion remembers, so that a sync does only what changed and a killed one converges."""

    async def files(self, *, tenant: str, source: str) -> dict[str, FileState]:
        """By uri."""
        ...

    async def record(self, *, tenant: str, source: str, states: Sequence[FileState]) -> None:
        """Insert or update; the file of a removed document is forgotten by `forget`."""
        ...

    async def forget(self, *, tenant: str, source: str, uris: Sequence[str]) -> None: ...

    async def cached(self, *, tenant: str, model: EmbeddingModel, keys: Sequence[str]) -> dict[str, Vector]:
        """Vectors already computed, by SHA-256 of the embedded text. Missing keys are left out."""
        ...

    async def cache(self, *, tenant: str, model: EmbeddingModel, vectors: Mapping[str, Vector]) -> None: ...

    async def cached_codes(self, *, tenant: str, form: str, keys: Sequence[str]) -> dict[str, bytes]:
        """Token codes of that form, by SHA-256 of the embedded text, as given. Missing keys are left out."""
        ...

    async def cache_codes(self, *, tenant: str, form: str, codes: Mapping[str, bytes]) -> None: ...

    async def start_run(self, *, tenant: str, source: str) -> str:
        """A new ingest run's id."""
        ...

    async def finish_run(
        self, *, tenant: str, run: str, counts: Mapping[str, int], errors: Mapping[str, str]
    ) -> None:
        """Counts by added, changed, unchanged, removed, failed; errors: uri → cause."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """A stored document for the source viewer: the text that offsets point into, and its chunks."""

    id: str
    uri: str
    source: str
    title: str
    text: str
    version: int
    language: str
    status: str
    trust: str
    owner: str | None
    updated_at: str | None  # ISO date
    review_by: str | None  # ISO date
    media_type: str
    meta: Mapping[str, str]
    chunks: tuple[Chunk, ...] = ()


class Documents(Protocol):
    """Reading documents back. Not yours and not there are the same: NotFound."""

    async def document(self, scope: Scope, reference: str) -> DocumentView:
        """By id, unique id prefix, or uri. Scope.filter.status is applied. Raises NotFound."""
        ...

    async def documents(self, scope: Scope, *, limit: int = 100, after: str = "") -> list[DocumentView]:
        """Without text and chunks, by uri; `after` is the last uri of the page before."""
        ...

    async def read(self, scope: Scope, *, limit: int = 100, after: str = "") -> list[DocumentView]:
        """As `documents`, but whole: with text and chunks. For looking at every document in bounded memory."""
        ...

    async def counts(self, *, tenant: str) -> dict[str, int]:
        """documents, chunks, failed, and the like; for doctor and readyz."""
        ...
