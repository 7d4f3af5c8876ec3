"""Where a row of sentences changes its topic: similarity at every gap, and the best set of gaps to cut at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from answerable.core.ports import Vectors

Curve = NDArray[np.float64]  # shape (n - 1,) for n sentences: how alike the two sides of each gap are, in [-1, 1]


def similarity_curve(vectors: Vectors, window: int) -> Curve:
    """The cosine between the mean of up to `window` sentences before each gap and of as many after it.

    The blocks of TextTiling (Hearst 1997, Computational Linguistics 23:33, section 4) with sentence vectors in
    the place of word counts: one vector a sentence, however wide the window.
    """
    n = len(vectors)
    if n < 2:
        return np.zeros(0)
    sums = np.vstack([np.zeros(vectors.shape[1]), np.cumsum(vectors, axis=0, dtype=np.float64)])
    gaps = np.arange(1, n)
    before = sums[gaps] - sums[np.maximum(0, gaps - window)]
    after = sums[np.minimum(n, gaps + window)] - sums[gaps]
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    return np.asarray((before * after).sum(axis=1) / np.maximum(lengths, 1e-12))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Tokens of a segment: never above `most`; below `least` only where nothing else fits."""

    most: int
    least: int


_RUNT = 1.0  # what a segment below the least costs: as much as the deepest gap could earn


def cut_topics(edges: Sequence[tuple[int, int]], curve: Curve, *, threshold: float, bounds: Bounds) -> list[int]:
    """The sentences that begin a segment, 0 first: the cuts that together lie deepest below the threshold.

    edges: [first, last) tokens of each sentence, none above bounds.most. A cut earns threshold - similarity, so
    one above the threshold is made only where a segment would be too long. Exact, by dynamic programming.
    """
    n = len(edges)
    best, back = [0.0] * (n + 1), [0] * (n + 1)
    for end in range(1, n + 1):
        best[end] = -np.inf
        for start in range(end - 1, -1, -1):
            size = edges[end - 1][1] - edges[start][0]
            if size > bounds.most:
                break
            earned = threshold - float(curve[start - 1]) if start else 0.0
            value = best[start] + earned - (_RUNT if size < bounds.least else 0.0)
            if value > best[end]:
                best[end], back[end] = value, start
    starts, at = list[int](), n
    while at > 0:
        at = back[at]
        starts.append(at)
    return starts[::-1]
