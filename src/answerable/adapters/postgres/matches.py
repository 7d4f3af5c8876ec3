"""BM25 over the postings that a question's terms have: exact scores of every chunk that holds one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from answerable.adapters.bm25 import K1, B, idf
from answerable.adapters.postgres.postings import Integers, Postings
from answerable.adapters.postgres.segments import Segment

Found = tuple[int, Integers, Integers]  # the term's place in the question, slots, frequencies


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """Chunk numbers and scores above zero, in no order; shapes (matches,)."""

    chunks: NDArray[np.int64]
    scores: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.chunks)

    def best(self, count: int) -> Matches:
        """The `count` highest, best first; of equal ones the lower number."""
        scores, chunks = self.scores, self.chunks
        if 0 < count < len(scores):
            kept = scores >= np.partition(scores, len(scores) - count)[len(scores) - count]
            scores, chunks = scores[kept], chunks[kept]
        order = np.lexsort((chunks, -scores))[:count]
        return Matches(chunks=chunks[order], scores=scores[order])

    def among(self, allowed: NDArray[np.int64]) -> Matches:
        """Those whose chunk is allowed."""
        kept = np.isin(self.chunks, allowed)
        return Matches(chunks=self.chunks[kept], scores=self.scores[kept])


@dataclass(slots=True)
class QuestionPostings:
    """A question's postings, segment by segment, without the chunks that are gone."""

    terms: NDArray[np.int64]
    gone: NDArray[np.int64]
    _found: list[tuple[Segment, list[Found]]] = field(default_factory=list)
    _df: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self._df = np.zeros(len(self.terms), dtype=np.int64)

    @property
    def matching(self) -> Mapping[int, int]:
        """In how many chunks each term occurs, by its number."""
        return dict(zip(self.terms.tolist(), self._df.tolist(), strict=True))

    def holders(self, most: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs of a term's number and a chunk that has it: all its chunks, or at most so many, evenly apart."""
        held: dict[int, list[NDArray[np.int64]]] = defaultdict(list)
        for segment, found in self._found:
            for n, slots, _ in found:
                held[n].append(segment.chunks[slots])
        whole = {n: np.concatenate(parts) for n, parts in held.items()}
        some = {n: chunks[:: -(-len(chunks) // most)] for n, chunks in whole.items() if len(chunks)}
        empty = np.empty(0, dtype=np.int64)
        terms = [np.full(len(chunks), self.terms[n], dtype=np.int64) for n, chunks in some.items()]
        return np.concatenate([empty, *terms]), np.concatenate([empty, *some.values()])

    def add(self, segment: Segment, blocks: Sequence[bytes]) -> None:
        """A segment with those of its blocks that the terms fall into, each once."""
        found = [one for block in blocks for one in Postings.unpack(block).find(self.terms)]
        if len(self.gone) and found:
            alive = segment.without(self.gone)
            if not alive.all():
                found = [(n, slots[alive[slots]], often[alive[slots]]) for n, slots, often in found]
        for n, slots, _ in found:
            self._df[n] += len(slots)
        if found:
            self._found.append((segment, found))

    def weigh(self, *, chunks: int, terms: int) -> Matches:
        """The scores, in an index of so many chunks and terms in all."""
        if not self._found or not terms:
            return Matches(chunks=np.empty(0, dtype=np.int64), scores=np.empty(0))
        weights = [idf(chunks, int(df)) for df in self._df]
        slope = K1 * B * chunks / terms
        made = [_weighed(segment, found, weights, slope) for segment, found in self._found]
        return Matches(
            chunks=np.concatenate([one for one, _ in made]), scores=np.concatenate([s for _, s in made])
        )


def _weighed(
    segment: Segment, found: Sequence[Found], weights: Sequence[float], slope: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    places = np.concatenate([slots for _, slots, _ in found]).astype(np.int64)
    often = np.concatenate([frequencies for _, _, frequencies in found]).astype(np.float64)
    earned = np.repeat([weights[n] for n, _, _ in found], [len(slots) for _, slots, _ in found])
    earned *= often / (often + (K1 * (1 - B) + slope * segment.lengths[places]))
    scores = np.bincount(places, weights=earned, minlength=len(segment)).astype(np.float64, copy=False)
    matched = np.flatnonzero(scores)
    return segment.chunks[matched], scores[matched]
