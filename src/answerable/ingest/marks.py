"""What Chunk.meta keeps of the cutting itself: why a chunk begins where it does, and what was measured there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from answerable.core.document import Chunk

BOUNDARY = "boundary"  # why the chunk begins where it does, in a few words
CURVE = "curve"  # semantic: how alike what stands before and after each place is, as JSON [[offset, cosine], …]
AUTO = "auto"  # auto: the way of cutting it chose, how sure it was, and why
SIBLINGS = "siblings"  # hierarchical: how many children the chunk's parent has, this one counted
MARKS = frozenset({BOUNDARY, CURVE, AUTO, SIBLINGS})


def marked(chunk: Chunk, marks: Mapping[str, str]) -> Chunk:
    """The chunk with more in its meta; what it says already stays. Its id is the same."""
    return replace(chunk, meta={**marks, **chunk.meta}) if marks else chunk


def curve_value(points: Iterable[tuple[int, float]]) -> str:
    """What Chunk.meta keeps of a similarity curve: (offset in the chunk, cosine), in order."""
    return json.dumps([[offset, round(float(cosine), 3)] for offset, cosine in points], separators=(",", ":"))


def curve_of(chunk: Chunk) -> Sequence[tuple[int, float]]:
    """The chunk's part of the curve; empty where it has none."""
    return [(int(offset), float(cosine)) for offset, cosine in json.loads(chunk.meta.get(CURVE, "[]"))]
