"""A passage between good ones is likely good: each takes a part of its neighbors' scores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from answerable.core.passage import Passage

GAP = 8  # characters: more stands between two chunks that do not follow each other


def smooth(passages: Sequence[Passage], *, weight: float) -> list[Passage]:
    """Best first: score + weight · the mean of both neighbors', brought back to [0, 1]; a missing neighbor has 0.

    `weight` is in [0, 1], scores as fusion gives them. Neighbors are chunks of one document and level of which one
    begins where the other ends. Ties go by chunk id.
    """
    around = _neighbors(passages)
    summed = [
        replace(one, score=(one.score + weight * sum(around[one.chunk.id]) / 2) / (1.0 + weight))
        for one in passages
    ]
    return sorted(summed, key=lambda one: (-one.score, one.chunk.id))


def _neighbors(passages: Sequence[Passage]) -> dict[str, list[float]]:
    """By chunk the scores of those before and after it."""
    places: dict[tuple[str, int], list[Passage]] = defaultdict(list)
    for one in passages:
        places[one.chunk.document_id, one.chunk.level].append(one)
    around: dict[str, list[float]] = defaultdict(list)
    for found in places.values():
        in_order = sorted(found, key=lambda one: one.chunk.start)
        for before, after in pairwise(in_order):
            if after.chunk.start - before.chunk.end <= GAP:
                around[before.chunk.id].append(after.score)
                around[after.chunk.id].append(before.score)
    return around
