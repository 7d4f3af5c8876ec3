"""Reranking without a model: the fused score, and how well the passage's words match the question's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from answerable.adapters.rerankers.matching import (
    Positions,
    Weights,
    content_stems,
    coverage,
    neighbors,
    positions,
    proximity,
    rarity,
    same_words,
)
from answerable.core.passage import Passage
from answerable.core.query import Query


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
        distinct = _distinct(passages)
        head, tail = distinct[: self.depth], distinct[self.depth :]
        scored = sorted(self._scored(query, head), key=lambda passage: -passage.score)
        kept = [replace(passage, score=self._total(passage.score, 0.0, 0.0)) for passage in tail]
        return (scored + kept)[: max(0, limit)]

    def _scored(self, query: Query, passages: Sequence[Passage]) -> list[Passage]:
        # The question is read in each passage's language, so that both are stemmed alike.
        questions = {language: content_stems(query.text, language) for language in {p.language for p in passages}}
        wanted = frozenset(stem for question in questions.values() for stem in question)
        found = [positions(_stems(passage), wanted) for passage in passages]
        weights = rarity(wanted, found)
        return [
            self._score(passage, places, questions[passage.language], weights)
            for passage, places in zip(passages, found, strict=True)
        ]

    def _score(self, passage: Passage, places: Positions, question: Sequence[str], weights: Weights) -> Passage:
        own = {stem: weights[stem] for stem in question}
        covered, near = coverage(places, own), proximity(places, neighbors(question), own)
        said = {**passage.scores, "coverage": covered, "proximity": near}
        return replace(passage, score=self._total(passage.score, covered, near), scores=MappingProxyType(said))

    def _total(self, fused: float, covered: float, near: float) -> float:
        total = fused + self.coverage * covered + self.proximity * near
        return total / (1.0 + self.coverage + self.proximity)


def _stems(passage: Passage) -> tuple[str, ...]:
    context = content_stems(f"{passage.title}\n{passage.chunk.heading}", passage.language)
    return context + content_stems(passage.chunk.text, passage.language)


def _distinct(passages: Sequence[Passage]) -> list[Passage]:
    """Without those whose words, case and punctuation aside, another one before them has: only the first stays.

    Not those that are merely alike: `30 days` and `14 days` in the same sentence are a conflict, not a copy.
    """
    first: dict[str, Passage] = {}
    for passage in passages:
        first.setdefault(same_words(passage.chunk.text), passage)
    return list(first.values())
