"""What the retrieval benchmark says of rerankers: paired differences with a verdict, and CPU time a query."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from answerable.core.passage import Passage
from answerable.core.ports import Reranker
from answerable.core.query import Query
from answerable.evals.stats.paired import Difference, paired_difference
from answerable.evals.stats.verdict import judge_change

ALPHA = 0.05
TUNED = frozenset({"chunking/covidqa"})  # with scifact's training queries: all weights were chosen there
SEEN = frozenset({"qa/squad2"})  # looked at for the layer and the form of the codes, never for a weight
PAIRS = (("hybrid+late", "hybrid"), ("hybrid+late", "hybrid+proximity"), ("hybrid+proximity", "hybrid"))


@dataclass(slots=True, kw_only=True)
class Timed:
    """A reranker under a clock: CPU time of this process alone, milliseconds a query."""

    reranker: Reranker
    spent_ms: list[float] = field(default_factory=list)

    async def rerank(self, query: Query, passages: Sequence[Passage], *, limit: int) -> list[Passage]:
        """As the reranker."""
        started = time.process_time()
        found = await self.reranker.rerank(query, passages, limit=limit)
        self.spent_ms.append((time.process_time() - started) * 1000)
        return found

    def facts(self) -> dict[str, float]:
        """p50 and p95."""
        p50, p95 = np.percentile(self.spent_ms, [50, 95])
        return {"p50_ms": round(float(p50), 2), "p95_ms": round(float(p95), 2)}


def compared(
    scores: Mapping[str, Sequence[float]], relevant: Sequence[Mapping[str, int]]
) -> dict[str, dict[str, Any]]:
    """One set: `scores` is nDCG@10 by arm and query; queries of one relevant document make a cluster."""
    clusters = [min(one) for one in relevant]
    return {
        f"{head} − {base}": _said(
            paired_difference([a - b for a, b in zip(scores[head], scores[base], strict=True)], clusters), 1.0
        )
        for head, base in PAIRS
    }


def averaged(
    sets: Mapping[str, tuple[Mapping[str, Sequence[float]], Sequence[Mapping[str, int]]]],
) -> dict[str, Any]:
    """Over the sets that had no part in any choice, each set weighing the same however many queries it has."""
    unseen = {name: one for name, one in sets.items() if name not in TUNED | SEEN}
    if not unseen:
        return {}
    least = min(len(relevant) for _, relevant in unseen.values())
    total = sum(len(relevant) for _, relevant in unseen.values())
    found: dict[str, Any] = {"sets": sorted(unseen)}
    for head, base in PAIRS:
        values, clusters = list[float](), list[str]()
        for name, (scores, relevant) in unseen.items():
            weight = least / len(relevant)  # below 1, so that differences stay in [-1, 1]
            values += [weight * (a - b) for a, b in zip(scores[head], scores[base], strict=True)]
            clusters += [f"{name} {min(one)}" for one in relevant]
        scale = total / (least * len(unseen))
        found[f"{head} − {base}"] = _said(paired_difference(values, clusters), scale)
    found["mean"] = {
        arm: round(float(np.mean([np.mean(scores[arm]) for scores, _ in unseen.values()])), 4)
        for arm in next(iter(unseen.values()))[0]
    }
    return found


def _said(one: Difference, scale: float) -> dict[str, Any]:
    return {
        "mean": round(one.mean * scale, 4),
        "low": round(one.interval.low * scale, 4),
        "high": round(one.interval.high * scale, 4),
        "p": round(one.p, 5),
        "n": one.n,
        "verdict": str(judge_change(one, margin=0.0, p=one.p, alpha=ALPHA)),
    }
