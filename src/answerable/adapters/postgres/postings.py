"""Postings packed into bytes: which chunks of a segment hold a term, and how often. Pure.

A block is, in network byte order, so that a migration can make one in SQL:

    n int4 · n terms int8, ascending · n counts int4 · m slots uint2 · m frequencies of 1, 2 or 4 bytes

where m is the sum of the counts. A slot is a chunk's place in its segment, which holds at most 65,536 chunks.
docs/decisions/0133-packed-postings.md
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

SEGMENT_CHUNKS = 65_536  # a slot has two bytes
LEAST_BITS = 4  # every segment has the sixteen buckets that one as large as can be is merged by
_BLOCK_BYTES = 4_096  # what a block should hold: small to read for one term, large beside a row's own cost
_WIDTHS: dict[int, np.dtype[np.unsignedinteger]] = {1: np.dtype(">u1"), 2: np.dtype(">u2"), 4: np.dtype(">u4")}

Integers = NDArray[np.integer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Postings:
    """Terms, ascending, and counts, shape (n,); slots and frequencies term by term, shape (counts.sum(),)."""

    terms: NDArray[np.int64]
    counts: NDArray[np.int64]
    slots: Integers
    frequencies: Integers

    @classmethod
    def of(cls, terms: Integers, slots: Integers, frequencies: Integers) -> Self:
        """From one term, slot and frequency a posting, in any order; shapes (m,)."""
        order = np.argsort(terms, kind="stable")
        held, counts = np.unique(terms[order], return_counts=True)
        return cls(
            terms=held.astype(np.int64),
            counts=counts.astype(np.int64),
            slots=slots[order],
            frequencies=frequencies[order],
        )

    @classmethod
    def unpack(cls, block: bytes) -> Self:
        """Views into the block, its header apart."""
        n = int(np.frombuffer(block, ">i4", 1)[0])
        terms = np.frombuffer(block, ">i8", n, 4).astype(np.int64)
        counts = np.frombuffer(block, ">i4", n, 4 + 8 * n).astype(np.int64)
        m, at = int(counts.sum()), 4 + 12 * n
        slots = np.frombuffer(block, ">u2", m, at)
        width = (len(block) - at - 2 * m) // m if m else 1
        frequencies = np.frombuffer(block, _WIDTHS[width], m, at + 2 * m)
        return cls(terms=terms, counts=counts, slots=slots, frequencies=frequencies)

    def pack(self) -> bytes:
        """As a block."""
        largest = int(self.frequencies.max(initial=0))
        width = next(one for one in _WIDTHS if largest < 256**one)
        return b"".join(
            (
                len(self.terms).to_bytes(4),
                self.terms.astype(">i8").tobytes(),
                self.counts.astype(">i4").tobytes(),
                self.slots.astype(">u2").tobytes(),
                self.frequencies.astype(_WIDTHS[width]).tobytes(),
            )
        )

    def find(self, wanted: NDArray[np.int64]) -> Iterator[tuple[int, Integers, Integers]]:
        """Of each wanted term that is here: its place in `wanted`, its slots and frequencies."""
        if not len(self.terms):
            return
        places = np.minimum(np.searchsorted(self.terms, wanted), len(self.terms) - 1)
        ends = np.cumsum(self.counts)
        for n in np.flatnonzero(self.terms[places] == wanted):
            end = int(ends[places[n]])
            start = end - int(self.counts[places[n]])
            yield int(n), self.slots[start:end], self.frequencies[start:end]

    def within(self, piece: int, bits: int) -> Postings:
        """Those whose terms begin with the bits of `piece`."""
        kept = bucket(self.terms, bits) == piece
        postings = np.repeat(kept, self.counts)
        return Postings(
            terms=self.terms[kept],
            counts=self.counts[kept],
            slots=self.slots[postings],
            frequencies=self.frequencies[postings],
        )

    def blocks(self, bits: int) -> Iterator[tuple[int, bytes]]:
        """Bucket by bucket: a term's bucket is its first `bits` bits."""
        buckets = bucket(self.terms, bits)
        edges = [0, *(np.flatnonzero(np.diff(buckets)) + 1), len(buckets)] if len(buckets) else [0]
        ends = np.concatenate(([0], np.cumsum(self.counts)))
        for first, last in pairwise(edges):
            start, end = ends[first], ends[last]
            part = Postings(
                terms=self.terms[first:last],
                counts=self.counts[first:last],
                slots=self.slots[start:end],
                frequencies=self.frequencies[start:end],
            )
            yield int(buckets[first]), part.pack()


def merged(parts: Sequence[tuple[Postings, NDArray[np.int64]]]) -> Postings:
    """One out of several. Beside each the new slot of every old one, below zero for a chunk that is gone."""
    terms, slots, frequencies = [], [], []
    for one, moved in parts:
        new = moved[one.slots]
        kept = new >= 0
        terms.append(np.repeat(one.terms, one.counts)[kept])
        slots.append(new[kept])
        frequencies.append(one.frequencies.astype(np.int64)[kept])
    return Postings.of(np.concatenate(terms), np.concatenate(slots), np.concatenate(frequencies))


def bits_for(size: int) -> int:
    """How many bits of a term name its bucket, in a segment whose postings have `size` bytes."""
    return max(LEAST_BITS, min(24, round(math.log2(max(1, size / _BLOCK_BYTES)))))


def bucket(terms: NDArray[np.int64], bits: int) -> NDArray[np.int64]:
    """A term's first bits, as posting_bucket() has it; shape (n,)."""
    return (terms >> (64 - bits)) & ((1 << bits) - 1) if bits else np.zeros(len(terms), dtype=np.int64)
