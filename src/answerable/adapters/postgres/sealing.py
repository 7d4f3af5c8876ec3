"""Sealing: what writers left of postings becomes segments, and small or worn segments become one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg.rows import DictRow

from answerable.adapters.postgres.database import Connection
from answerable.adapters.postgres.postings import LEAST_BITS, SEGMENT_CHUNKS, Postings, bits_for, merged
from answerable.adapters.postgres.segments import Segment, due, worn
from answerable.adapters.postgres.statements import statements

_SQL = statements("postings")
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_AT_ONCE = 1_024  # rows of posting_fresh that one transaction takes
_LARGE = 8_192  # chunks from which on a merge goes through the terms in sixteen slices, to need less memory


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fresh:
    """What a writer left: a small segment with all its postings."""

    segment: Segment
    postings: Postings


class Sealing:
    """One transaction's work on a tenant's postings. Searches see all of it or nothing; killed, it was not."""

    def __init__(self, conn: Connection, tenant: str) -> None:
        self._conn = conn
        self._tenant = tenant

    async def run(self, *, ratio: int) -> bool:
        """Seal what is fresh, merge what is due, rewrite what is worn; returns whether there was anything to do.

        Does nothing where another transaction is at it.
        """
        held = await self._rows("lock_postings")
        if not held[0]["mine"]:
            return False
        gone = np.array([row["chunk"] for row in await self._rows("list_gone")], dtype=np.int64)
        segments = await self._rows("list_segments")
        fresh = await self._take()
        size = sum(len(one.segment) for one in fresh)
        first = [size] if fresh else []
        count = due([*first, *(row["size"] for row in segments)], ratio=ratio)
        chosen = [row["no"] for row in segments[: max(0, count - len(first))]]
        if fresh or chosen:
            await self._merge(fresh, chosen, gone)
        others = [row for row in segments if row["no"] not in chosen]
        rewritten = await self._rewrite(others, gone)
        return bool(fresh or chosen or rewritten)

    async def _take(self) -> list[_Fresh]:
        """As many of the fresh ones as one segment holds."""
        rows = await self._rows("take_fresh", {"limit": _AT_ONCE, "most": SEGMENT_CHUNKS})
        return [
            _Fresh(
                segment=Segment(
                    chunks=np.array(row["chunks"], dtype=np.int64),
                    lengths=np.frombuffer(row["lengths"], ">i4").astype(np.int64),
                ),
                postings=Postings.unpack(row["postings"]),
            )
            for row in rows
        ]

    async def _rewrite(self, segments: Sequence[DictRow], gone: NDArray[np.int64]) -> int:
        """Each segment of which too much is gone, without that; how many there were."""
        if not worn(0, len(gone)):
            return 0
        held = await self._segments([row["no"] for row in segments])
        tired = [no for no, one in held.items() if worn(len(one), len(one.slots_of(gone)))]
        for no in tired:
            await self._merge([], [no], gone)
        return len(tired)

    async def _segments(self, numbers: Sequence[int]) -> dict[int, Segment]:
        rows = await self._rows("read_segments", {"segments": list(numbers)})
        return {row["no"]: Segment.unpack(row["chunks"], row["lengths"]) for row in rows}

    async def _merge(self, fresh: Sequence[_Fresh], numbers: Sequence[int], gone: NDArray[np.int64]) -> None:
        held = await self._segments(numbers)
        parts = [one.segment for one in fresh] + list(held.values())
        new = _joined(parts, gone)
        if len(new):
            await self._write(new, fresh, held)
        await self._do("drop_segments", {"segments": list(numbers)})
        lost = [chunk for one in held.values() for chunk in one.chunks[one.slots_of(gone)].tolist()]
        if lost:
            await self._do("forget_gone", {"chunks": lost})

    async def _write(self, new: Segment, fresh: Sequence[_Fresh], held: Mapping[int, Segment]) -> None:
        """The new segment's blocks, a slice of the terms at a time, and its row."""
        no = new.no(list(held))
        cut = LEAST_BITS if len(new) > _LARGE else 0
        bits = None
        for piece in range(1 << cut):
            parts = [(one.postings.within(piece, cut), _moved(one.segment, new)) for one in fresh]
            rows = await self._rows("read_blocks", {"segments": list(held), "cut": cut, "slice": piece})
            moved = {number: _moved(one, new) for number, one in held.items()}
            parts += [(Postings.unpack(row["postings"]), moved[row["segment"]]) for row in rows]
            if not parts:
                continue
            made = merged(parts)
            if bits is None:  # terms are hashes: each slice is as large as the others
                bits = bits_for((3 * len(made.slots) + 12 * len(made.terms)) << cut)
            blocks = list(made.blocks(bits))
            buckets, postings = [one for one, _ in blocks], [block for _, block in blocks]
            await self._do("put_blocks", {"no": no, "buckets": buckets, "postings": postings})
        chunks, lengths = new.pack()
        segment = {"no": no, "bits": bits or LEAST_BITS, "size": len(new), "chunks": chunks, "lengths": lengths}
        await self._do("put_segment", segment)

    async def _rows(self, name: str, values: Mapping[str, Any] = _NOTHING) -> list[DictRow]:
        cursor = await self._conn.execute(_SQL[name], {"tenant": self._tenant, **values}, binary=True)
        return await cursor.fetchall()

    async def _do(self, name: str, values: Mapping[str, Any]) -> None:
        await self._conn.execute(_SQL[name], {"tenant": self._tenant, **values})


def _joined(parts: Sequence[Segment], gone: NDArray[np.int64]) -> Segment:
    """The chunks of all that are not gone, ascending."""
    chunks = np.concatenate([one.chunks for one in parts])
    lengths = np.concatenate([one.lengths for one in parts])
    kept = ~np.isin(chunks, gone)
    order = np.argsort(chunks[kept])
    return Segment(chunks=chunks[kept][order], lengths=lengths[kept][order])


def _moved(old: Segment, new: Segment) -> NDArray[np.int64]:
    """The new slot of each old one, -1 for those that are gone; shape (len(old),)."""
    places = np.minimum(np.searchsorted(new.chunks, old.chunks), len(new) - 1)
    return np.where(new.chunks[places] == old.chunks, places, -1)
