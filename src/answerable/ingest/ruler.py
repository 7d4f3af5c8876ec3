"""The tokens of one document, counted once: after that, counting any span costs two binary searches."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from answerable.core.ports import Tokenizer

WIDEST = 64  # characters: a longer run without a token (one unknown "word", an image as text) counts as several


class Ruler:
    """Where each token of a text starts. Counts are additive: count(a, b) + count(b, c) == count(a, c)."""

    __slots__ = ("marks",)

    def __init__(self, text: str, tokenizer: Tokenizer) -> None:
        starts = [start for start, _ in tokenizer.offsets(text)]
        edges = np.fromiter((0, *starts, len(text)), dtype=np.int64, count=len(starts) + 2)
        wide = np.flatnonzero(np.diff(edges) > WIDEST)
        self.marks: list[int] = _with_more(starts, edges, wide) if wide.size else starts

    def index(self, position: int) -> int:
        """The number of tokens that start before the character at `position`."""
        return bisect_left(self.marks, position)


def _with_more(starts: list[int], edges: NDArray[np.int64], wide: NDArray[np.int64]) -> list[int]:
    more = [np.arange(edges[i] + WIDEST, edges[i + 1], WIDEST) for i in wide.tolist()]
    marks: list[int] = np.sort(np.concatenate((starts, *more)), kind="stable").astype(np.int64).tolist()
    return marks
