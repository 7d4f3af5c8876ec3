"""The searches of a store in memory: every vector compared, every match of a term weighed, exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from answerable.adapters.bm25 import K1, B, idf, query_terms
from answerable.core.document import Chunk, Document
from answerable.core.ports import EmbeddingModel, Vector, Vectors
from answerable.core.query import Scope

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One chunk as it is searched."""

    chunk: Chunk
    terms: Counter[str]
    vector: Vector
    code: bytes | None = None  # of its tokens

    @property
    def length(self) -> int:
        """In index terms, repeats counted."""
        return self.terms.total()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One document's current version."""

    document: Document
    version: int
    model: EmbeddingModel
    entries: tuple[Entry, ...]

    @property
    def searched(self) -> Iterable[Entry]:
        """The chunks of the searched level."""
        return (entry for entry in self.entries if entry.chunk.level == 0)

    def visible(self, scope: Scope) -> bool:
        """Whether the scope, which is of the same tenant, may see the document."""
        one, wanted = self.document, scope.filter
        return (
            not set(one.acl).isdisjoint(scope.groups)
            and (not wanted.status or one.status in wanted.status)
            and (not wanted.sources or one.source in wanted.sources)
            and (not wanted.languages or one.language in wanted.languages)
            and (not wanted.documents or one.id in wanted.documents)
            and wanted.meta.items() <= one.meta.items()
        )


class MemoryIndex:
    """What one tenant's documents are searched by. It never changes: a write makes another one."""

    def __init__(self, documents: Iterable[Stored]) -> None:
        self._documents = tuple(documents)
        self._owners = [stored for stored in self._documents for _ in stored.searched]
        self._entries = [entry for stored in self._documents for entry in stored.searched]
        self._seen: dict[Hashable, NDArray[np.bool_]] = {}

    @property
    def dim(self) -> int | None:
        """The vectors' dimension; None where there are none."""
        return self._owners[0].model.dim if self._owners else None

    def dense(self, vector: Vector) -> Scores:
        """The cosine of each entry, shape (entries,)."""
        cosines: Scores = np.dot(self._vectors, vector).astype(np.float64)
        return cosines

    def lexical(self, text: str, language: str) -> Scores:
        """BM25 of each entry, shape (entries,); 0 where no term of the text is in it."""
        scores = np.zeros(len(self._entries))
        for term in query_terms(text, language):
            if term in self._postings:
                where, frequency = self._postings[term]
                scores[where] += self.idf(term) * frequency / (frequency + self._norms[where])
        return scores

    def idf(self, term: str) -> float:
        """How telling a term is over all of the tenant's entries, seen or not."""
        where, _ = self._postings.get(term, ((), ()))
        return idf(len(self._entries), len(where))

    def best(self, scores: Scores, scope: Scope, limit: int) -> list[tuple[float, Entry, Stored]]:
        """The best that the scope may see, by score, then by chunk id."""
        seen = np.flatnonzero(self._visible(scope))
        if limit <= 0 or not len(seen):
            return []
        there = scores[seen]
        if limit < len(seen):
            seen = seen[there >= np.partition(there, -limit)[-limit]]  # ties of the last place stay for now
        found = [(float(scores[n]), self._entries[n], self._owners[n]) for n in seen]
        return sorted(found, key=lambda one: (-one[0], one[1].chunk.id))[:limit]

    def _visible(self, scope: Scope) -> NDArray[np.bool_]:
        wanted = scope.filter
        key = (
            scope.groups,
            wanted.status,
            wanted.sources,
            wanted.languages,
            wanted.documents,
            tuple(sorted(wanted.meta.items())),
        )
        if key not in self._seen:
            self._seen[key] = np.array(
                [sees for stored in self._documents for sees in _each(stored, stored.visible(scope))],
                dtype=np.bool_,
            )
        return self._seen[key]

    @cached_property
    def _vectors(self) -> Vectors:
        return np.stack([entry.vector for entry in self._entries])

    @cached_property
    def _norms(self) -> Scores:
        lengths = np.array([entry.length for entry in self._entries], dtype=np.float64)
        norms: Scores = K1 * (1 - B + B * lengths / max(1.0, float(lengths.mean())))
        return norms

    @cached_property
    def _postings(self) -> dict[str, tuple[NDArray[np.int64], Scores]]:
        found: dict[str, tuple[list[int], list[int]]] = {}
        for n, entry in enumerate(self._entries):
            for term, frequency in entry.terms.items():
                where, how_often = found.setdefault(term, ([], []))
                where.append(n)
                how_often.append(frequency)
        return {term: (np.array(at), np.array(often, dtype=np.float64)) for term, (at, often) in found.items()}


def _each(stored: Stored, sees: bool) -> Sequence[bool]:
    return [sees for _ in stored.searched]
