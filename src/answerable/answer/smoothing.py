"""A passage between good ones is likely good: each takes a part of its neighbors' scores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from answerable.core.passage import Passage

GAP = 8  # characters: more stands between two chunks that do not follow each other


def smooth(passages: Sequence[Passage], *, weight: float) -> list[Passage]:
    """Best first: score + weight · the mean of both neighbors' + half of that from the next but one, in [0, 1].

    A missing neighbor has 0. `weight` is in [0, 1], scores as fusion gives them. Neighbors are chunks of one
    document and level of which one begins where the other ends. Ties go by chunk id. docs/decisions/0098.
    """
    gained: dict[str, float] = defaultdict(float)
    for run in _runs(passages):
        for distance in (1, 2):
            for before, after in zip(run, run[distance:], strict=False):
                gained[before.chunk.id] += weight / (2 * distance) * after.score
                gained[after.chunk.id] += weight / (2 * distance) * before.score
    whole = 1.0 + weight * 1.5
    summed = [replace(one, score=(one.score + gained[one.chunk.id]) / whole) for one in passages]
    return sorted(summed, key=lambda one: (-one.score, one.chunk.id))


def _runs(passages: Sequence[Passage]) -> Iterator[list[Passage]]:
    """Passages that follow each other in their document, in its order."""
    places: dict[tuple[str, int], list[Passage]] = defaultdict(list)
    for one in passages:
        places[one.chunk.document_id, one.chunk.level].append(one)
    for found in places.values():
        run: list[Passage] = []
        for one in sorted(found, key=lambda one: one.chunk.start):
            if run and one.chunk.start - run[-1].chunk.end > GAP:
                yield run
                run = []
            run.append(one)
        yield run
