"""What a document's chunks are indexed by: terms as numbers, packed for posting_fresh."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from answerable.adapters.bm25 import index_terms
from answerable.adapters.postgres.postings import Postings
from answerable.core.document import Chunk, Document

PART_CHUNKS = 4_096  # of a document that go into one row of posting_fresh; fill_document knows it too


@lru_cache(maxsize=262144)
def term_number(term: str) -> int:
    """The term's 64-bit number: of a million terms, two share one with probability 3e-8."""
    return int.from_bytes(blake2b(term.encode(), digest_size=8).digest(), "big", signed=True)


def numbered(terms: Iterable[str]) -> NDArray[np.int64]:
    """The terms' numbers; shape (n,)."""
    return np.array([term_number(term) for term in terms], dtype=np.int64)


def pack_document(document: Document, chunks: Sequence[Chunk]) -> tuple[list[int], list[bytes]]:
    """Each chunk's length in terms, and the postings of the searched ones, PART_CHUNKS of them at a time.

    Only level 0 is searched: a parent has length 0 and no postings.
    """
    counted = [index_terms(document, chunk) if chunk.level == 0 else None for chunk in chunks]
    lengths = [one.total() if one is not None else 0 for one in counted]
    searched = [one for one in counted if one is not None]
    return lengths, [_packed(searched[at : at + PART_CHUNKS]) for at in range(0, len(searched), PART_CHUNKS)]


def _packed(counted: Sequence[dict[str, int]]) -> bytes:
    sizes = [len(one) for one in counted]
    terms = numbered(term for one in counted for term in one)
    frequencies = np.fromiter((count for one in counted for count in one.values()), dtype=np.int64)
    return Postings.of(terms, np.repeat(np.arange(len(sizes)), sizes), frequencies).pack()
