"""Segments: which chunks a set of packed postings is about, how long they are, and which segments become one.

A segment never changes. Its number is a hash of what it holds, so what was read of it once stays true.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Self

import numpy as np
from numpy.typing import NDArray

from answerable.adapters.postgres.postings import SEGMENT_CHUNKS

_CACHED_BYTES = 64 * 1024 * 1024
GROWING = 5  # while documents arrive: about six alike become one, so each posting is rewritten three times or so
TIDY = 1  # afterwards: few segments are left, each larger than all smaller ones together
_GONE = 32  # a segment is rewritten when more than a 32nd of it is gone
_FEW_GONE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Chunk numbers, ascending in a sealed segment, and lengths in terms; shapes (size,). Places are slots."""

    chunks: NDArray[np.int64]
    lengths: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.chunks)

    @classmethod
    def unpack(cls, chunks: bytes, lengths: bytes) -> Self:
        """From int8 and int4 numbers in network byte order."""
        return cls(
            chunks=np.frombuffer(chunks, ">i8").astype(np.int64),
            lengths=np.frombuffer(lengths, ">i4").astype(np.int64),
        )

    def pack(self) -> tuple[bytes, bytes]:
        """The chunks and the lengths as they are stored."""
        return self.chunks.astype(">i8").tobytes(), self.lengths.astype(">i4").tobytes()

    def no(self, made_of: Sequence[int]) -> int:
        """Its number, above zero: of what it holds and of the segments it was made of."""
        digest = blake2b(repr(list(made_of)).encode(), digest_size=8)
        for part in self.pack():
            digest.update(part)
        return int.from_bytes(digest.digest()) >> 1

    def slots_of(self, chunks: NDArray[np.int64]) -> NDArray[np.int64]:
        """The slots of those of the chunks that are here; a sealed segment's."""
        if not len(self.chunks) or not len(chunks):
            return np.empty(0, dtype=np.int64)
        places = np.minimum(np.searchsorted(self.chunks, chunks), len(self.chunks) - 1)
        return np.asarray(places[self.chunks[places] == chunks], dtype=np.int64)

    def without(self, chunks: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which slots are left; shape (size,)."""
        alive = np.ones(len(self.chunks), dtype=bool)
        alive[self.slots_of(chunks)] = False
        return alive


class SegmentCache:
    """The segments that searches read lately, by tenant and number, 64 MB of them."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, int], Segment] = OrderedDict()
        self._bytes = 0

    def get(self, tenant: str, no: int) -> Segment | None:
        """None: it must be read."""
        found = self._held.get((tenant, no))
        if found is not None:
            self._held.move_to_end((tenant, no))
        return found

    def put(self, tenant: str, no: int, segment: Segment) -> None:
        """Keep it, and let those go that were used longest ago."""
        if (tenant, no) in self._held:
            return
        self._held[tenant, no] = segment
        self._bytes += _size(segment)
        while self._bytes > _CACHED_BYTES and len(self._held) > 1:
            self._bytes -= _size(self._held.popitem(last=False)[1])


def _size(segment: Segment) -> int:
    return segment.chunks.nbytes + segment.lengths.nbytes


def due(sizes: Sequence[int], *, ratio: int) -> int:
    """How many of the segments, smallest first, should become one; 0: none.

    The longest run that fits a segment and whose largest is at most 1 / ratio of all the others together.
    """
    total, best = 0, 0
    for n, size in enumerate(sizes, start=1):
        if total + size > SEGMENT_CHUNKS:
            break
        if n > 1 and size * ratio <= total:
            best = n
        total += size
    return best


def worn(size: int, gone: int) -> bool:
    """Whether so much of a segment is gone that it is rewritten without."""
    return gone > max(_FEW_GONE, size // _GONE)
