"""Searches over one moment of the index, inside one scope."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import sql
from psycopg.rows import TupleRow, tuple_row

from answerable.adapters.bm25 import idf, query_terms
from answerable.adapters.postgres.access import readable_by
from answerable.adapters.postgres.binary import HalfVector
from answerable.adapters.postgres.database import Connection
from answerable.adapters.postgres.lexical import numbered, term_number, weigh
from answerable.adapters.postgres.moment import Index, Moment
from answerable.adapters.postgres.statements import statements
from answerable.adapters.postgres.vocabulary import alike_values
from answerable.core.document import Chunk
from answerable.core.errors import ModelMismatch
from answerable.core.passage import Passage
from answerable.core.ports import Vector
from answerable.core.query import Scope
from answerable.text.stems import stem, stems
from answerable.text.stopwords import STOPWORDS
from answerable.text.words import terms

_SQL = statements("search")
_WORDS = statements("vocabulary")


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchLimits:
    """Where searches change their way. docs/decisions/0017-dense-search.md"""

    exact_chunks: int = 30_000  # up to so many, every vector is compared
    pool: int = 4  # times the limit: how many are weighed before the scope is looked at
    ef_search: int = 400  # how many vectors a walk of the HNSW graph keeps in view


class PostgresSnapshot:
    """A Snapshot. Both searches weigh a pool first and look at the scope after, and turn round where the scope
    sees too little of the pool; so no search returns fewer than there are."""

    def __init__(self, moment: Moment, scope: Scope, *, limits: SearchLimits) -> None:
        self._moment = moment
        self._scope = scope
        self._limits = limits
        self._counting = asyncio.Lock()
        self._counted: dict[tuple[str, str], dict[int, int]] = {}

    async def dense(self, vector: Vector, *, limit: int) -> list[Passage]:
        """Exact up to `exact_chunks`, and for a scope that sees too little of the pool. Raises ModelMismatch."""
        async with self._moment.connection() as (conn, index):
            if index.model is None or limit <= 0:
                return []
            if len(vector) != index.dim:
                raise ModelMismatch(f"the index has {index.dim} dimensions, the question {len(vector)}")
            wanted = self._wanted(limit, {"vector": HalfVector(vector), "model": index.model})
            found = await self._nearest(conn, index, wanted)
        return _passages(found, "dense")

    async def lexical(self, text: str, *, limit: int, language: str = "en") -> list[Passage]:
        """Exact always."""
        async with self._moment.connection() as (conn, index):
            counted = await self._count(conn, text, language)
            matches = sum(counted.values())
            if not matches or limit <= 0:
                return []
            weights = weigh(counted, chunks=index.chunks, terms=index.terms)
            wanted = self._wanted(limit, weights)
            found = await _fetch(conn, _SQL["search_terms"], wanted)
            if len(found) < limit and matches > wanted["pool"]:
                found = await _fetch(conn, _SQL["search_terms_within"], wanted)
        return _passages(found, "lexical")

    async def idf(self, text: str, *, language: str = "en") -> dict[str, float]:
        """From the counts that the lexical search of the same text needs as well."""
        async with self._moment.connection() as (conn, index):
            counted = await self._count(conn, text, language)
        wanted = dict.fromkeys(stems(text, language))
        return {one: idf(index.chunks, counted.get(term_number(one[:64]), 0)) for one in wanted}

    async def unknown(self, text: str, *, language: str = "en") -> tuple[str, ...]:
        """From the same counts: a question whose words are all known costs nothing more."""
        async with self._moment.connection() as (conn, _):
            counted = await self._count(conn, text, language)
        dropped = STOPWORDS.get(language, frozenset())
        wanted = dict.fromkeys(one for one in terms(text) if one not in dropped)
        return tuple(one for one in wanted if not any(counted.get(form, 0) for form in _forms(one, language)))

    async def alike(self, words: Sequence[str], *, language: str = "en") -> dict[str, tuple[tuple[str, int], ...]]:
        """By the keys that misspelled words share with right ones."""
        if not words:
            return {}
        async with self._moment.connection() as (conn, _):
            wanted = alike_values(self._moment.tenant, words, language)
            rows = await _fetch(conn, _WORDS["find_alike"], wanted)
        found: dict[str, list[tuple[str, int]]] = {}
        for place, word, chunks in sorted(rows):
            found.setdefault(words[place], []).append((word, chunks))
        return {word: tuple(near) for word, near in found.items()}

    async def _count(self, conn: Connection, text: str, language: str) -> dict[int, int]:
        """In how many chunks each of the question's terms occurs; asked for once, however many want to know."""
        async with self._counting:
            if (text, language) not in self._counted:
                terms = numbered(query_terms(text, language))
                rows = await _fetch(conn, _SQL["count_terms"], {"tenant": self._moment.tenant, "terms": terms})
                self._counted[text, language] = dict(rows)
            return self._counted[text, language]

    async def get(self, chunk_ids: Sequence[str]) -> list[Passage]:
        """Chunks of every level."""
        async with self._moment.connection() as (conn, _):
            found = await _fetch(conn, _SQL["get_chunks"], self._wanted(0, {"ids": list(chunk_ids)}))
        known = {one.chunk.id: one for one in _passages(found, "")}
        return [known[one] for one in dict.fromkeys(chunk_ids) if one in known]

    async def _nearest(self, conn: Connection, index: Index, wanted: Mapping[str, Any]) -> list[TupleRow]:
        if not self._scope.filter.documents:  # else so narrow a scope that the other way round is the shorter one
            found = await self._nearest_of_pool(conn, index, wanted)
            if len(found) == wanted["limit"] or index.chunks <= wanted["pool"]:
                return found
        return await _fetch(conn, _SQL["search_vectors_within"], wanted)

    async def _nearest_of_pool(self, conn: Connection, index: Index, wanted: Mapping[str, Any]) -> list[TupleRow]:
        if index.graph and index.chunks > max(self._limits.exact_chunks, wanted["pool"]):
            statement = sql.SQL(_SQL["search_graph"]).format(dim=sql.Literal(index.dim))
            return await _fetch(conn, statement, wanted)
        return await _fetch(conn, _SQL["search_vectors"], wanted)

    def _wanted(self, limit: int, values: Mapping[str, Any]) -> dict[str, Any]:
        own = {**readable_by(self._scope), "tenant": self._moment.tenant}
        return {**own, "limit": limit, "pool": limit * self._limits.pool, **values}


def _forms(word: str, language: str) -> tuple[int, int]:
    """The numbers under which a folded word is in the index, stemmed and plain."""
    return term_number(stem(word, language)[:64]), term_number(word[:64])


async def fetch_passages(
    conn: Connection, statement: LiteralString, values: Mapping[str, Any], *, arm: str
) -> list[Passage]:
    """What a statement finds that gives the columns of queries_search.sql."""
    return _passages(await _fetch(conn, statement, values), arm)


async def _fetch(
    conn: Connection, statement: LiteralString | sql.Composed, values: Mapping[str, Any]
) -> list[TupleRow]:
    async with conn.cursor(row_factory=tuple_row, binary=True) as cursor:
        await cursor.execute(statement, values, prepare=True)
        return await cursor.fetchall()


def _passages(rows: Sequence[TupleRow], arm: str) -> list[Passage]:
    return [_passage(row, arm) for row in rows]


def _passage(row: TupleRow, arm: str) -> Passage:
    """A row of the columns that every search of queries_search.sql gives."""
    score, document, start, end, text, headings, level, parent, tokens, chunk_meta = row[:10]
    title, uri, source, language, updated_at, review_by, trust, version, meta = row[10:]
    chunk = Chunk(
        document_id=document,
        start=start,
        end=end,
        text=text,
        headings=tuple(headings),
        level=level,
        parent=parent,
        tokens=tokens,
        meta=chunk_meta,
    )
    return Passage(
        chunk=chunk,
        score=score,
        found_by=(arm,) if arm else (),
        scores={arm: score} if arm else {},
        title=title,
        uri=uri,
        source=source,
        language=language,
        updated_at=updated_at,
        review_by=review_by,
        trust=trust,
        version=version,
        meta=meta,
    )
