"""Searches over one moment of the index, inside one scope."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString

import numpy as np
from numpy.typing import NDArray
from psycopg import sql
from psycopg.rows import TupleRow, tuple_row

from answerable.adapters.bm25 import idf, query_terms
from answerable.adapters.postgres.access import readable_by
from answerable.adapters.postgres.binary import HalfVector, Numbers
from answerable.adapters.postgres.database import Connection
from answerable.adapters.postgres.lexical import numbered, term_number
from answerable.adapters.postgres.matches import Matches, QuestionPostings
from answerable.adapters.postgres.moment import Index, Moment
from answerable.adapters.postgres.segments import Segment, SegmentCache
from answerable.adapters.postgres.shares import Shares
from answerable.adapters.postgres.statements import statements
from answerable.adapters.postgres.vocabulary import AskedWords
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
_POSTINGS = statements("postings")
_COUNTED = 1_000  # chunks of a word like another: more say no more
_BLOCK, _FRESH, _GONE = range(3)  # the kinds of read_postings


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchLimits:
    """Where searches change their way. docs/decisions: 0017-dense-search.md, 0135-scope-by-share.md"""

    exact_chunks: int = 30_000  # up to so many, every vector is compared
    exact_readable: int = 15_000  # a scope that sees fewer: what it sees is compared, and nothing else
    narrow: float = 0.2  # a scope that sees less: it is looked at before the words are
    ef_search: int = 400  # how many vectors a walk of the HNSW graph keeps in view


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a store keeps from search to search, to search quicker: nothing in it can make a search wrong."""

    segments: SegmentCache = field(default_factory=SegmentCache)
    shares: Shares = field(default_factory=Shares)


class PostgresSnapshot:
    """A Snapshot. A search weighs a pool first and looks at the scope after, or the other way round where the
    scope sees little or the pool leaves too few. So no search returns fewer than there are."""

    def __init__(self, moment: Moment, scope: Scope, *, limits: SearchLimits, known: Known) -> None:
        self._moment = moment
        self._scope = scope
        self._limits = limits
        self._known = known
        self._asked: dict[tuple[str, str], QuestionPostings] = {}

    async def dense(self, vector: Vector, *, limit: int) -> list[Passage]:
        """Exact up to `exact_chunks`, and for a scope that sees up to `exact_readable`. Raises ModelMismatch."""
        async with self._moment.connection() as (conn, index):
            if index.model is None or limit <= 0:
                return []
            if len(vector) != index.dim:
                raise ModelMismatch(f"the index has {index.dim} dimensions, the question {len(vector)}")
            found = await self._nearest(conn, index, limit, {"vector": HalfVector(vector), "model": index.model})
        return _passages(found, "dense")

    async def lexical(self, text: str, *, limit: int, language: str = "en") -> list[Passage]:
        """Exact always."""
        async with self._moment.connection() as (conn, index):
            asked = await self._postings(conn, text, language)
            matches = asked.weigh(chunks=index.chunks, terms=index.terms)
            if not len(matches) or limit <= 0:
                return []
            found = await self._ranked(conn, index, matches, limit)
        return _passages(found, "lexical")

    async def idf(self, text: str, *, language: str = "en") -> dict[str, float]:
        """From the postings that the lexical search of the same text needs as well."""
        async with self._moment.connection() as (conn, index):
            matching = (await self._postings(conn, text, language)).matching
        wanted = dict.fromkeys(stems(text, language))
        return {one: idf(index.chunks, matching.get(term_number(one[:64]), 0)) for one in wanted}

    async def unknown(self, text: str, *, language: str = "en") -> tuple[str, ...]:
        """From the same postings: a question whose words are all known costs nothing more."""
        async with self._moment.connection() as (conn, index):
            asked = await self._postings(conn, text, language)
            seen_all = await self._share(conn, index) >= 1
            counted = asked.matching if seen_all else await self._seen(conn, asked)
        dropped = STOPWORDS.get(language, frozenset())
        wanted = dict.fromkeys(one for one in terms(text) if one not in dropped)
        return tuple(one for one in wanted if not any(counted.get(form, 0) for form in _forms(one, language)))

    async def alike(self, words: Sequence[str], *, language: str = "en") -> dict[str, tuple[tuple[str, int], ...]]:
        """By the keys that misspelled words share with right ones; of those that the scope may read."""
        if not words:
            return {}
        async with self._moment.connection() as (conn, _):
            asked = AskedWords(words, language)
            at = {"tenant": self._moment.tenant, "language": language}
            sent = await _fetch(conn, _WORDS["read_keys"], {**at, "buckets": asked.buckets})
            near = asked.near(keys for (keys,) in sent)
            if not near:
                return {}
            numbers = Numbers(np.fromiter(near, dtype=np.int64))
            rows = await _fetch(conn, _WORDS["read_words"], {**at, "numbers": numbers})
            terms = np.array(sorted({term for _, _, term in rows}), dtype=np.int64)
            seen = await self._seen(conn, await self._read(conn, terms)) if rows else {}
        found: dict[str, list[tuple[str, int]]] = {}
        for no, word, term in sorted(rows, key=lambda row: row[1]):
            for one in near[no]:
                if seen.get(term):
                    found.setdefault(one, []).append((word, seen[term]))
        return {word: tuple(found[word]) for word in words if word in found}

    async def get(self, chunk_ids: Sequence[str]) -> list[Passage]:
        """Chunks of every level."""
        async with self._moment.connection() as (conn, _):
            found = await _fetch(conn, _SQL["get_chunks"], self._wanted({"ids": list(chunk_ids)}))
        known = {one.chunk.id: one for one in _passages(found, "")}
        return [known[one] for one in dict.fromkeys(chunk_ids) if one in known]

    # --- lexical ---

    async def _postings(self, conn: Connection, text: str, language: str) -> QuestionPostings:
        """Those of the question's terms, read once, however many want them."""
        if (text, language) not in self._asked:
            self._asked[text, language] = await self._read(conn, numbered(query_terms(text, language)))
        return self._asked[text, language]

    async def _read(self, conn: Connection, terms: NDArray[np.int64]) -> QuestionPostings:
        values = {"tenant": self._moment.tenant, "terms": Numbers(terms)}
        blocks: dict[int, list[bytes]] = defaultdict(list)
        fresh, gone = [], b""
        for kind, segment, postings, chunks, lengths in await _fetch(conn, _POSTINGS["read_postings"], values):
            if kind == _BLOCK:
                blocks[segment].append(postings)
            elif kind == _FRESH:
                fresh.append((Segment.unpack(np.array(chunks, dtype=">i8").tobytes(), lengths), postings))
            elif postings is not None:
                gone = postings
        asked = QuestionPostings(terms=terms, gone=np.frombuffer(gone, ">i8").astype(np.int64))
        held = await self._segments(conn, list(blocks))
        for no, found in blocks.items():
            asked.add(held[no], found)
        for one, postings in fresh:
            asked.add(one, [postings])
        return asked

    async def _segments(self, conn: Connection, numbers: Sequence[int]) -> dict[int, Segment]:
        """From the cache, and those that are not there from the database."""
        tenant, cache = self._moment.tenant, self._known.segments
        held = {no: one for no in numbers if (one := cache.get(tenant, no)) is not None}
        missing = [no for no in numbers if no not in held]
        if missing:
            values = {"tenant": tenant, "segments": missing}
            for no, chunks, lengths in await _fetch(conn, _POSTINGS["read_segments"], values):
                held[no] = Segment.unpack(chunks, lengths)
                cache.put(tenant, no, held[no])
        return held

    async def _ranked(self, conn: Connection, index: Index, matches: Matches, limit: int) -> list[TupleRow]:
        """The best of the matches that the scope may see."""
        share = await self._share(conn, index)
        if share >= self._limits.narrow:
            pool = _pool(limit, share)
            for count in (pool, 8 * pool):
                found = await self._read_ranked(conn, matches.best(count), limit)
                if len(found) == limit or count >= len(matches):
                    return found
        ((listed,),) = await _fetch(conn, _SQL["list_readable"], self._wanted({}))
        allowed = np.frombuffer(listed or b"", ">i8").astype(np.int64)
        return await self._read_ranked(conn, matches.among(allowed).best(limit), limit)

    async def _read_ranked(self, conn: Connection, best: Matches, limit: int) -> list[TupleRow]:
        values = {"chunks": Numbers(best.chunks), "scores": Numbers(best.scores), "limit": limit}
        return await _fetch(conn, _SQL["read_ranked"], self._wanted(values)) if len(best) else []

    # --- dense ---

    async def _nearest(
        self, conn: Connection, index: Index, limit: int, values: Mapping[str, Any]
    ) -> list[TupleRow]:
        share = await self._share(conn, index)
        wanted = self._wanted({**values, "limit": limit, "pool": _pool(limit, share)})
        if not self._is_narrow(index, share):
            found = await self._nearest_of_pool(conn, index, wanted)
            if len(found) == limit or index.chunks <= wanted["pool"]:
                return found
        return await _fetch(conn, _SQL["search_vectors_within"], wanted)

    def _is_narrow(self, index: Index, share: float) -> bool:
        """Whether to compare what the scope sees costs less than to compare all, or to walk the graph."""
        if self._by_graph(index):
            return share * index.chunks <= self._limits.exact_readable
        return share < self._limits.narrow

    def _by_graph(self, index: Index) -> bool:
        return index.graph and index.chunks > self._limits.exact_chunks

    async def _nearest_of_pool(self, conn: Connection, index: Index, wanted: Mapping[str, Any]) -> list[TupleRow]:
        if self._by_graph(index):
            statement = sql.SQL(_SQL["search_graph"]).format(dim=sql.Literal(index.dim))
            return await _fetch(conn, statement, wanted)
        return await _fetch(conn, _SQL["search_vectors"], wanted)

    # --- scope ---

    async def _seen(self, conn: Connection, asked: QuestionPostings) -> dict[int, int]:
        """In how many chunks that the scope sees each term is, to `_COUNTED`; of more only some are looked at."""
        terms, chunks = asked.holders(_COUNTED)
        values = {"terms": Numbers(terms), "chunks": Numbers(chunks)}
        rows = await _fetch(conn, _SQL["count_seen"], self._wanted(values)) if len(terms) else []
        looked = Counter(terms.tolist())
        return {term: min(_COUNTED, seen * asked.matching[term] // looked[term]) for term, seen in rows}

    async def _share(self, conn: Connection, index: Index) -> float:
        """What share of the tenant's documents the scope sees, about."""
        share = self._known.shares.get(self._scope, chunks=index.chunks)
        if share is None:
            ((seen, total),) = await _fetch(conn, _SQL["count_readable"], self._wanted({}))
            share = seen / max(1, total)
            self._known.shares.put(self._scope, share, chunks=index.chunks)
        return share

    def _wanted(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {**readable_by(self._scope), "tenant": self._moment.tenant, **values}


def _pool(limit: int, share: float) -> int:
    """How many to look at, so that the scope most likely leaves `limit` of them."""
    return math.ceil(1.5 * limit / max(share, 0.01)) + 10 if share < 1 else limit


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
    """A row of the columns that every search of queries_search.sql gives; empty metadata is not sent."""
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
        meta=chunk_meta or {},
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
        meta=meta or {},
    )
