"""Segments: which become one, which are worn, and what the cache keeps."""

from __future__ import annotations

import numpy as np
import pytest

from answerable.adapters.postgres import segments
from answerable.adapters.postgres.segments import GROWING, TIDY, Segment, SegmentCache, due, worn
from answerable.adapters.postgres.shares import Shares
from answerable.core.query import Filter, Scope


def a_segment(*chunks: int) -> Segment:
    return Segment(chunks=np.array(chunks, dtype=np.int64), lengths=np.arange(len(chunks)) + 1)


@pytest.mark.parametrize(
    ("sizes", "ratio", "count"),
    [
        ([], GROWING, 0),
        ([700], GROWING, 0),
        ([700] * 5, GROWING, 0),
        ([700] * 6, GROWING, 6),
        ([1, 700], TIDY, 0),
        ([700, 700], TIDY, 2),
        ([10, 20, 25, 300], TIDY, 3),
        ([1, 40_000, 40_000], TIDY, 0),  # would not fit one
    ],
)
def test_alike_small_ones_become_one(sizes, ratio, count):
    assert due(sizes, ratio=ratio) == count


def test_a_long_ingestion_leaves_few_segments_and_writes_each_chunk_few_times():
    sizes: list[int] = []
    written = 0
    for _ in range(400):
        count = due([1_000, *sizes], ratio=GROWING)
        merged = 1_000 + sum(sizes[: max(0, count - 1)])
        sizes = sorted([merged, *sizes[max(0, count - 1) :]])
        written += merged
    assert sum(sizes) == 400_000
    assert len(sizes) < 30
    assert written / 400_000 < 4


def test_slots_are_found_and_gone_ones_left_out():
    one = a_segment(3, 5, 9, 12)
    assert one.slots_of(np.array([5, 6, 12, 99])).tolist() == [1, 3]
    assert one.without(np.array([5, 6, 12, 99])).tolist() == [True, False, True, False]
    assert a_segment().slots_of(np.array([1])).tolist() == []


def test_a_number_follows_from_what_is_held_and_what_it_was_made_of():
    one = a_segment(1, 2)
    assert one.no([]) == a_segment(1, 2).no([]) > 0
    assert len({one.no([]), one.no([7]), a_segment(1, 3).no([])}) == 3


def test_worn_is_what_has_lost_more_than_a_part():
    assert [worn(100, 100), worn(100, 257), worn(64_000, 2_000), worn(64_000, 2_001)] == [False, True, False, True]


def test_the_cache_keeps_what_was_used_last(monkeypatch):
    monkeypatch.setattr(segments, "_CACHED_BYTES", 3 * 32)
    cache = SegmentCache()
    for n in range(3):
        cache.put("acme", n, a_segment(1, 2))
    assert cache.get("acme", 0) is not None
    cache.put("acme", 3, a_segment(1, 2))
    assert cache.get("acme", 1) is None
    assert cache.get("acme", 0) is not None
    assert cache.get("other", 0) is None


def test_a_share_is_forgotten_when_the_index_has_grown():
    shares = Shares()
    scope = Scope(tenant="acme", filter=Filter(meta={"team": "blue"}))
    shares.put(scope, 0.25, chunks=1_000)
    assert shares.get(Scope(tenant="acme", filter=Filter(meta={"team": "blue"})), chunks=1_100) == 0.25
    assert shares.get(scope, chunks=2_000) is None
    assert shares.get(Scope(tenant="other", filter=scope.filter), chunks=1_000) is None
