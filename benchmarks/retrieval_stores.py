"""The two searches of a retrieval set: in memory with numpy and bm25s, and through the real Store on Postgres."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray
from retrieval_sets import RetrievalSet
from rich.progress import track

from answerable.adapters.bm25 import K1, B, query_terms
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.embedded import Embedded
from answerable.adapters.postgres.migrations import Migrations
from answerable.adapters.postgres.roles import give_login
from answerable.adapters.postgres.store import PostgresStore
from answerable.adapters.postgres.token_codes import PostgresTokenCodes
from answerable.core.passage import Passage
from answerable.core.ports import EmbeddingModel, Vector, Vectors
from answerable.core.query import Filter, Scope
from answerable.text.stems import stems


class Searches(Protocol):
    """Both searches of one set, best first."""

    async def dense(self, vector: Vector, *, limit: int) -> list[Passage]: ...
    async def lexical(self, text: str, *, limit: int) -> list[Passage]: ...


class MemorySearches:
    """Exact cosine by numpy, BM25 by bm25s over our own terms."""

    def __init__(self, one: RetrievalSet, vectors: Vectors) -> None:
        self._language = one.language
        self._vectors = vectors
        self._passages = [
            Passage(chunk=chunk, score=0.0, title=document.title, uri=document.uri, language=document.language)
            for document, chunk in one.pairs
        ]
        self._bm25 = bm25s.BM25(k1=K1, b=B)
        self._bm25.index([stems(text, one.language) for text in one.texts], show_progress=False)

    async def dense(self, vector: Vector, *, limit: int) -> list[Passage]:
        return self._best(self._vectors @ vector, "dense", limit)

    async def lexical(self, text: str, *, limit: int) -> list[Passage]:
        terms = query_terms(text, self._language)
        scores = self._bm25.get_scores(terms) if terms else np.zeros(len(self._passages))
        return [one for one in self._best(scores, "lexical", limit) if one.score > 0]

    def _best(self, scores: NDArray[np.float32], arm: str, limit: int) -> list[Passage]:
        order = np.argsort(-scores, kind="stable")[:limit]
        return [_found(self._passages[place], float(scores[place]), arm) for place in order]


class ReferenceBM25:
    """bm25s as it comes: its own words, its English stop words, Snowball. What others publish as BM25."""

    def __init__(self, one: RetrievalSet) -> None:
        self._stemmer = Stemmer.Stemmer("english")
        self._uris = [document.uri for document, _ in one.pairs]
        self._bm25 = bm25s.BM25(k1=K1, b=B)
        self._bm25.index(self._tokens(one.texts), show_progress=False)

    def search(self, text: str, *, limit: int) -> list[str]:
        """Document uris, best first."""
        (tokens,) = self._tokens([text])
        scores = self._bm25.get_scores(tokens) if tokens else np.zeros(len(self._uris))
        return [self._uris[place] for place in np.argsort(-scores, kind="stable")[:limit] if scores[place] > 0]

    def _tokens(self, texts: Sequence[str]) -> list[list[str]]:
        made = bm25s.tokenize(
            list(texts), stopwords="en", stemmer=self._stemmer, return_ids=False, show_progress=False
        )
        return [list(one) for one in made]


class StoreSearches:
    """The real Store: a snapshot for each search."""

    def __init__(self, store: PostgresStore, one: RetrievalSet) -> None:
        self._store = store
        self._language = one.language
        self._scope = Scope(tenant=one.name, filter=Filter(status=()))

    async def dense(self, vector: Vector, *, limit: int) -> list[Passage]:
        async with self._store.snapshot(self._scope) as view:
            return await view.dense(vector, limit=limit)

    async def lexical(self, text: str, *, limit: int) -> list[Passage]:
        async with self._store.snapshot(self._scope) as view:
            return await view.lexical(text, limit=limit, language=self._language)


@dataclass(frozen=True, slots=True)
class KnownCodes:
    """A TokenCodes in memory."""

    known: Mapping[str, bytes]

    async def codes(self, *, tenant: str, chunk_ids: Sequence[str]) -> Mapping[str, bytes]:
        return {one: self.known[one] for one in chunk_ids}

    async def missing(self, *, tenant: str) -> int:
        return 0


@contextlib.asynccontextmanager
async def postgres() -> AsyncIterator[tuple[PostgresStore, PostgresTokenCodes]]:
    """A Store, with its token codes, on a Postgres of its own that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="answerable-bench-") as folder, Embedded.start(Path(folder)) as server:
        await Migrations(server.admin_url).migrate()
        url = await give_login(server.admin_url, schema="answerable", password=server.service_password)
        async with Database(url) as database:
            yield PostgresStore(database), PostgresTokenCodes(database)


async def fill(
    store: PostgresStore, one: RetrievalSet, vectors: Vectors, model: EmbeddingModel, codes: Sequence[bytes]
) -> None:
    """Write the whole set, document by document, as ingestion does."""
    start = 0
    documents = list(zip(one.documents, one.chunks, strict=True))
    for document, chunks in track(documents, description=f"{one.name}: writing"):
        own = slice(start, start + len(chunks))
        await store.replace(document, chunks, vectors[own], model=model, tokens=codes[own])
        start += len(chunks)


def _found(passage: Passage, score: float, arm: str) -> Passage:
    return replace(passage, score=score, found_by=(arm,))
