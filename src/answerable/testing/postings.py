"""What the packed postings of a database say, all tenants together."""

from __future__ import annotations

from collections import Counter

import numpy as np
import psycopg

from answerable.adapters.postgres.postings import Postings

BLOCKS = """
SELECT s.chunks, b.postings FROM answerable.posting_segment s
  JOIN answerable.posting_block b ON b.segment = s.no AND b.tenant = s.tenant
"""
FRESH = "SELECT chunks, postings FROM answerable.posting_fresh"
SEGMENTS = "SELECT chunks FROM answerable.posting_segment"
GONE = "SELECT chunk FROM answerable.posting_gone"


def held_terms(url: str) -> dict[int, Counter[int]]:
    """By chunk number, how often each term occurs; of every chunk that is held, once, and not gone."""
    with psycopg.connect(url) as conn:
        sealed = [(np.frombuffer(chunks, ">i8"), block) for chunks, block in conn.execute(BLOCKS).fetchall()]
        fresh = [(np.array(chunks), block) for chunks, block in conn.execute(FRESH).fetchall()]
        segments = [np.frombuffer(chunks, ">i8") for (chunks,) in conn.execute(SEGMENTS).fetchall()]
        gone = {chunk for (chunk,) in conn.execute(GONE).fetchall()}
    held = [int(one) for chunks in [*segments, *(chunks for chunks, _ in fresh)] for one in chunks]
    assert len(held) == len(set(held)), "a chunk is held twice"
    assert gone <= set(held), "a chunk is marked gone that nothing holds"
    found: dict[int, Counter[int]] = {one: Counter() for one in held if one not in gone}
    for chunks, block in [*sealed, *fresh]:
        for chunk, term, often in _postings(chunks, block):
            if chunk in found:
                assert term not in found[chunk]
                found[chunk][term] = often
    return found


def _postings(chunks: np.ndarray, block: bytes) -> list[tuple[int, int, int]]:
    one = Postings.unpack(block)
    terms = np.repeat(one.terms, one.counts)
    return [
        (int(chunks[slot]), int(term), int(often))
        for term, slot, often in zip(terms, one.slots, one.frequencies, strict=True)
    ]
