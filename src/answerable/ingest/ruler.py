"""The tokens of one document, counted once: after that, counting any span costs two binary searches."""

from __future__ import annotations

from bisect import bisect_left
from itertools import chain

import numpy as np

from answerable.core.ports import Tokenizer

WIDEST = 64  # characters: a longer run without a token (one unknown "word", an image as text) counts as several


class Ruler:
    """Where each token of a text starts. Counts are additive: count(a, b) + count(b, c) == count(a, c)."""

    __slots__ = ("marks",)

    def __init__(self, text: str, tokenizer: Tokenizer) -> None:
        self.marks: list[int] = _marks(text, tokenizer)

    def index(self, position: int) -> int:
        """The number of tokens that start before the character at `position`."""
        return bisect_left(self.marks, position)

    def count(self, start: int, end: int) -> int:
        """The number of tokens that start in text[start:end]."""
        return bisect_left(self.marks, end) - bisect_left(self.marks, start)


def _marks(text: str, tokenizer: Tokenizer) -> list[int]:
    offsets = tokenizer.offsets(text)
    flat = np.fromiter(chain.from_iterable(offsets), dtype=np.int64, count=2 * len(offsets))
    starts = flat[::2]
    edges = np.concatenate(([0], starts, [len(text)]))
    wide = np.flatnonzero(np.diff(edges) > WIDEST)
    if wide.size:
        more = [np.arange(edges[i] + WIDEST, edges[i + 1], WIDEST) for i in wide.tolist()]
        starts = np.sort(np.concatenate((starts, *more)))
    marks: list[int] = starts.tolist()
    return marks
