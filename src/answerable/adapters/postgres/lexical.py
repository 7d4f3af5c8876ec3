"""BM25 over posting rows: terms as numbers, and a question's weights from the index's statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np

from answerable.adapters.bm25 import K1, B, idf, index_terms
from answerable.adapters.postgres.binary import Numbers
from answerable.core.document import Chunk, Document


@lru_cache(maxsize=262144)
def term_number(term: str) -> int:
    """The term's 64-bit number: of a million terms, two share one with probability 3e-8."""
    return int.from_bytes(blake2b(term.encode(), digest_size=8).digest(), "big", signed=True)


def numbered(terms: Sequence[str]) -> Numbers:
    """The terms as a parameter."""
    return Numbers(np.array([term_number(term) for term in terms], dtype=np.int64))


def pack_postings(document: Document, chunks: Sequence[Chunk]) -> tuple[list[int], dict[str, Any]]:
    """Each chunk's length in terms, and the postings as parameters, sorted by term so that writers lock alike.

    Only level 0 is searched: a parent has length 0 and no postings.
    """
    lengths: list[int] = []
    terms: list[int] = []
    places: list[int] = []
    frequencies: list[int] = []
    for n, chunk in enumerate(chunks):
        counted = index_terms(document, chunk) if chunk.level == 0 else {}
        lengths.append(sum(counted.values()))
        terms.extend(map(term_number, counted))
        places.extend([n] * len(counted))
        frequencies.extend(counted.values())
    numbers = np.array(terms, dtype=np.int64)
    order = np.argsort(numbers, kind="stable")
    return lengths, {
        "terms": Numbers(numbers[order]),
        "term_n": Numbers(np.array(places, dtype=np.int32)[order]),
        "frequencies": Numbers(np.array(frequencies, dtype=np.int32)[order]),
    }


def weigh(matching: Mapping[int, int], *, chunks: int, terms: int) -> dict[str, Any]:
    """A search's parameters: the terms that occur, each with its idf, and the saturation's two constants."""
    found = {term: count for term, count in matching.items() if count}
    average = terms / chunks
    return {
        "terms": Numbers(np.array(list(found), dtype=np.int64)),
        "weights": Numbers(np.array([idf(chunks, count) for count in found.values()], dtype=np.float64)),
        "floor": K1 * (1 - B),
        "slope": K1 * B / average,
    }
