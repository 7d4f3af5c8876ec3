"""The tokens of one document, counted once: after that, counting any span costs two binary searches."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from answerable.core.patience import go_on
from answerable.core.ports import Tokenizer

WIDEST = 64  # characters: a longer run without a token (one unknown "word", an image as text) counts as several
_WINDOW = 100_000  # characters that are tokenized at once: a tokenizer makes 150 bytes of objects for each token


class Ruler:
    """Where each token of a text starts. Counts are additive: count(a, b) + count(b, c) == count(a, c)."""

    __slots__ = ("marks",)

    def __init__(self, text: str, tokenizer: Tokenizer) -> None:
        starts = array("q")  # 8 bytes a token, where a list takes 40
        for first, last in _windows(text):
            go_on()
            starts.extend(first + start for start, _ in tokenizer.offsets(text[first:last]))
        edges = np.concatenate(([0], np.frombuffer(starts, dtype=np.int64), [len(text)]))
        wide = np.flatnonzero(np.diff(edges) > WIDEST)
        self.marks: Sequence[int] = _with_more(edges, wide) if wide.size else starts

    def index(self, position: int) -> int:
        """The number of tokens that start before the character at `position`."""
        return bisect_left(self.marks, position)


def _windows(text: str) -> Iterator[tuple[int, int]]:
    """Spans that end after a blank, where no token is cut; a run without one is cut where the window ends."""
    first = 0
    while len(text) - first > _WINDOW:
        last = first + _WINDOW
        blank = max(text.rfind(" ", first, last), text.rfind("\n", first, last))
        last = blank + 1 if blank > first else last
        yield first, last
        first = last
    yield first, len(text)


def _with_more(edges: NDArray[np.int64], wide: NDArray[np.int64]) -> array[int]:
    more = [np.arange(edges[i] + WIDEST, edges[i + 1], WIDEST) for i in wide.tolist()]
    marks = np.sort(np.concatenate((edges[1:-1], *more)), kind="stable")
    return array("q", marks.astype(np.int64).tobytes())
