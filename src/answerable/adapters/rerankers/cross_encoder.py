"""Reranking by a local cross-encoder: a model that reads question and passage together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from answerable.adapters.rerankers.scoring import reordered, says_something, shown
from answerable.core.passage import Passage
from answerable.core.query import Query
from answerable.core.trace import step

DEPTH = 10  # some .07 CPU seconds a passage: docs/decisions/0106-budget-of-reranking.md


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One logit a text, higher is better, and how many texts were cut to the model's length (None: not known)."""

    logits: tuple[float, ...]
    truncated: int | None


class PairScorer(Protocol):
    """Runs the model over pairs of a question and a text."""

    async def judge(self, question: str, texts: Sequence[str]) -> Judged: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossEncoder:
    """The first `depth` passages by the model, score = sigmoid of its logit; the others stay behind them.

    How many passages were cut to fit the model stands in the trace, as `truncated`.
    """

    scorer: PairScorer
    depth: int = DEPTH

    async def rerank(self, query: Query, passages: Sequence[Passage], *, limit: int) -> list[Passage]:
        """The best `limit`, best first. Raises IntegrityError and ConfigError for files that are no such model."""
        head = passages[: self.depth]
        if not head or limit <= 0 or not says_something(query):
            return list(passages[: max(0, limit)])
        with step("cross_encode") as one:
            judged = await self.scorer.judge(query.text, [shown(passage) for passage in head])
            one.detail.update(pairs=len(head), truncated=judged.truncated)
        scores = [sigmoid(logit) for logit in judged.logits]
        return reordered(passages, judged.logits, scores, name="cross_encoder", limit=limit)

    def close(self) -> None:
        """Let the model's threads go."""
        self.scorer.close()


def sigmoid(logit: float) -> float:
    """1 / (1 + e^-x), without overflow."""
    if logit >= 0:
        return 1.0 / (1.0 + math.exp(-logit))
    return math.exp(logit) / (1.0 + math.exp(logit))
