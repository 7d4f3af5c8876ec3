"""Packed postings: what is packed comes back, whatever is merged, cut or looked for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.adapters.postgres.postings import Postings, bits_for, bucket, merged

INT64 = st.integers(-(2**63), 2**63 - 1)
ENTRIES = st.dictionaries(
    st.tuples(INT64, st.integers(0, 65_535)), st.integers(1, 70_000), max_size=40
)  # (term, slot) → frequency
Entries = dict[tuple[int, int], int]


def packed(entries: Entries) -> Postings:
    terms, slots = ([key[n] for key in entries] for n in (0, 1))
    return Postings.of(
        np.array(terms, dtype=np.int64),
        np.array(slots, dtype=np.int64),
        np.array(list(entries.values()), dtype=int),
    )


def entries_of(one: Postings) -> Iterator[tuple[tuple[int, int], int]]:
    terms = np.repeat(one.terms, one.counts)
    for term, slot, often in zip(terms, one.slots, one.frequencies, strict=True):
        yield (int(term), int(slot)), int(often)


@given(ENTRIES)
def test_what_is_packed_comes_back(entries):
    again = Postings.unpack(packed(entries).pack())
    assert dict(entries_of(again)) == entries
    assert again.terms.tolist() == sorted({term for term, _ in entries})


@given(ENTRIES, st.integers(0, 24))
def test_blocks_hold_everything_once_each_term_in_its_bucket(entries, bits):
    blocks = list(packed(entries).blocks(bits))
    assert len({one for one, _ in blocks}) == len(blocks)
    parts = [(one, Postings.unpack(block)) for one, block in blocks]
    assert all((bucket(part.terms, bits) == one).all() for one, part in parts)
    found = [entry for _, part in parts for entry in entries_of(part)]
    assert len(found) == len(entries)
    assert dict(found) == entries


@given(ENTRIES, st.lists(INT64, max_size=5))
def test_a_term_is_found_with_its_postings_and_another_is_not(entries, others):
    wanted = np.unique(np.array([*others, *(term for term, _ in list(entries)[::2])], dtype=np.int64))
    found = {
        (int(wanted[n]), int(slot)): int(often)
        for n, slots, frequencies in packed(entries).find(wanted)
        for slot, often in zip(slots, frequencies, strict=True)
    }
    assert found == {key: often for key, often in entries.items() if key[0] in set(wanted.tolist())}


@given(ENTRIES, ENTRIES)
def test_merging_moves_slots_and_drops_what_is_gone(first, second):
    first = {(term, slot % 100): often for (term, slot), often in first.items()}
    second = {(term, slot % 100): often for (term, slot), often in second.items()}
    left, right = np.arange(100), np.arange(100) + 100
    left[::3] = -1
    both = merged([(packed(first), left), (packed(second), right)])
    wanted = {key: often for key, often in first.items() if key[1] % 3}
    wanted |= {(term, slot + 100): often for (term, slot), often in second.items()}
    assert dict(entries_of(both)) == wanted


@given(ENTRIES)
def test_sixteen_slices_are_the_whole(entries):
    one = packed(entries)
    found = [entry for piece in range(16) for entry in entries_of(one.within(piece, 4))]
    assert sorted(found) == sorted(entries.items())


@pytest.mark.parametrize(("largest", "width"), [(255, 1), (256, 2), (65_536, 4)])
def test_frequencies_take_the_bytes_they_need(largest, width):
    assert len(packed({(1, 0): largest, (1, 1): 1}).pack()) == 4 + 12 + 2 * 2 + 2 * width


def test_buckets_grow_in_number_with_the_postings():
    assert [bits_for(size) for size in (0, 4_096, 1 << 20, 1 << 60)] == [4, 4, 8, 24]
