"""Reranking without a model: the fused score, and how well the passage's words match the question's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from answerable.adapters.rerankers.matching import best, distinct, match
from answerable.core.passage import Passage
from answerable.core.query import Query

_NOTHING: Mapping[str, float] = MappingProxyType({})


class KeepOrder:
    """No reranking: the first `limit`, as they are."""

    async def rerank(self, query: Query, passages: Sequence[Passage], *, limit: int) -> list[Passage]:
        """The first `limit` of the passages."""
        return list(passages[: max(0, limit)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Proximity:
    """Fused score + coverage · its weight + proximity · its weight, brought back to [0, 1].

    The passages' scores are in [0, 1], as fusion gives them. Of passages with the same words only the best stays.
    The weights: docs/decisions/0023-reranking-by-proximity.md.
    """

    coverage: float = 0.2
    proximity: float = 0.2
    depth: int = 30  # how many are scored anew; the others stay behind them

    async def rerank(self, query: Query, passages: Sequence[Passage], *, limit: int) -> list[Passage]:
        """The best `limit`, best first; ties keep the order they came in."""
        kept = distinct(passages)
        head, tail = kept[: self.depth], kept[self.depth :]
        found = match(query.text, head)
        scored = [
            (self._total(passage.score, covered, near), passage, {"coverage": covered, "proximity": near})
            for passage, covered, near in zip(head, found.coverage, found.proximity, strict=True)
        ]
        rest = [(self._total(passage.score, 0.0, 0.0), passage, _NOTHING) for passage in tail]
        return best([*sorted(scored, key=lambda one: -one[0]), *rest], limit=limit)

    def _total(self, fused: float, covered: float, near: float) -> float:
        total = fused + self.coverage * covered + self.proximity * near
        return total / (1.0 + self.coverage + self.proximity)
