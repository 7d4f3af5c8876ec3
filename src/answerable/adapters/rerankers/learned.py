"""Reranking by weights learned from a project's own judged pairs, on top of a base reranker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from answerable.adapters.rerankers.features import FEATURES, features
from answerable.adapters.rerankers.scoring import says_something
from answerable.core.passage import Passage
from answerable.core.ports import Reranker
from answerable.core.query import Query

DEPTH = 50  # of the base's order; the others stay behind


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """score = weights · features, brought back to [0, 1]; with all weight on `base` nothing changes."""

    base: Reranker
    weights: Mapping[str, float]
    depth: int = DEPTH

    async def rerank(self, query: Query, passages: Sequence[Passage], *, limit: int) -> list[Passage]:
        """The best `limit`, best first. Raises what the base raises."""
        based = await self.base.rerank(query, passages, limit=len(passages))
        if not based or limit <= 0 or not says_something(query):
            return based[: max(0, limit)]
        head, tail = based[: self.depth], based[self.depth :]
        totals = features(query, passages, based)[: len(head)] @ self._vector
        order = sorted(range(len(head)), key=lambda place: -totals[place])
        scored = [_scored(head[place], float(self._scaled(totals[place]))) for place in order]
        lowest = scored[-1].score
        return (scored + [replace(one, score=min(lowest, one.score)) for one in tail])[:limit]

    @property
    def _vector(self) -> NDArray[np.float64]:
        return np.array([self.weights[name] for name in FEATURES])

    def _scaled(self, total: float) -> float:
        """Features are in [0, 1], so that the weights alone bound a total."""
        vector = self._vector
        low, high = vector[vector < 0].sum(), vector[vector > 0].sum()
        return min(1.0, max(0.0, (total - low) / (high - low))) if high > low else 0.0


def _scored(passage: Passage, score: float) -> Passage:
    return replace(passage, score=score, scores=MappingProxyType({**passage.scores, "learned": score}))
