"""How well the passages hold what a right answer rests on: recall, precision, MRR, nDCG, span recall at a budget.

The units are gold spans, not chunk ids: a span counts as found at the first passage that holds at least half of
its tokens, so that figures of different chunkings can be compared. Definitions as in trec_eval (ranking.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

from answerable.core.answer import Answer
from answerable.core.evaluation import EvalCase, Score
from answerable.core.passage import Passage
from answerable.evals.metrics.deterministic import not_applicable
from answerable.evals.metrics.gold import Gold, coverage, gold_of, holds_gold
from answerable.text.words import words

BUDGET_TOKENS = 1000
CONTEXT_RECALL = "context_recall"
CONTEXT_PRECISION = "context_precision"
CountTokens = Callable[[Passage], int]


def count_tokens(passage: Passage) -> int:
    """The embedding model's own count, or words where there is none."""
    return passage.chunk.tokens or len(words(passage.chunk.text))


def retrieval_scores(
    case: EvalCase,
    passages: Sequence[Passage],
    *,
    k: Sequence[int] = (5, 10),
    budget_tokens: int = BUDGET_TOKENS,
    count: CountTokens = count_tokens,
) -> tuple[Score, ...]:
    """For each k recall@k, precision@k and ndcg@k; then mrr over the largest k, and span_recall@budget."""
    gold = gold_of(case)
    depth = max(k, default=10)
    found = _first_ranks(gold, passages)
    useful = [any(holds_gold(one, passage) for one in gold) for passage in passages]
    values: dict[str, float | None] = {}
    for cut in k:
        values[f"recall@{cut}"] = _recall(found, cut) if gold else None
        values[f"precision@{cut}"] = sum(useful[:cut]) / cut if gold else None
        values[f"ndcg@{cut}"] = _ndcg(found, cut) if gold else None
    values["mrr"] = next((1 / rank for rank, one in enumerate(useful[:depth], 1) if one), 0.0) if gold else None
    quoted = [one for one in gold if one.quote]
    within = _within(passages, budget_tokens, count)
    values[f"span_recall@{budget_tokens}"] = _span_recall(quoted, within) if quoted else None
    missing = [one.quote or one.place for one, rank in zip(gold, found, strict=True) if rank is None]
    return tuple(_score(name, value, missing) for name, value in values.items())


def context_recall(case: EvalCase, answer: Answer) -> Score:
    """The share of the gold spans' tokens that are in the context the answer was made from."""
    gold = gold_of(case)
    if not gold or not answer.passages:
        return not_applicable(CONTEXT_RECALL, _why(gold, answer))
    missing = [one.quote or one.place for one in gold if not any(holds_gold(one, p) for p in answer.passages)]
    return _score(CONTEXT_RECALL, _span_recall(gold, answer.passages), missing)


def context_precision(case: EvalCase, answer: Answer) -> Score:
    """The share of the context's passages that hold a gold span."""
    gold = gold_of(case)
    if not gold or not answer.passages:
        return not_applicable(CONTEXT_PRECISION, _why(gold, answer))
    useful = sum(any(holds_gold(one, passage) for one in gold) for passage in answer.passages)
    return _score(CONTEXT_PRECISION, useful / len(answer.passages), [])


def _why(gold: Sequence[Gold], answer: Answer) -> str:
    return "the case names no gold span" if not gold else "the target shows no passages"


def _score(name: str, value: float | None, missing: Sequence[str]) -> Score:
    if value is None:
        return not_applicable(name, "the case names no gold span")
    reason = f"not found: {'; '.join(missing)}" if missing and value < 1.0 else ""
    return Score(name=name, value=min(1.0, value), reason=reason)


def _first_ranks(gold: Sequence[Gold], passages: Sequence[Passage]) -> list[int | None]:
    """For each gold span the rank of the first passage that holds it, from 1."""
    first = partial(_first_rank, passages=passages)
    return [first(one) for one in gold]


def _first_rank(gold: Gold, *, passages: Sequence[Passage]) -> int | None:
    return next((rank for rank, passage in enumerate(passages, start=1) if holds_gold(gold, passage)), None)


def _recall(found: Sequence[int | None], k: int) -> float:
    return sum(rank is not None and rank <= k for rank in found) / len(found)


def _ndcg(found: Sequence[int | None], k: int) -> float:
    """Each span gains once, at its first rank; the ideal has one span a rank, and better than ideal is 1."""
    gain = sum(1 / math.log2(1 + rank) for rank in found if rank is not None and rank <= k)
    best = sum(1 / math.log2(1 + rank) for rank in range(1, min(len(found), k) + 1))
    return min(1.0, gain / best)


def _within(passages: Sequence[Passage], budget: int, count: CountTokens) -> list[Passage]:
    """What a context of the budget holds: passages in order, those that do not fit left out, the first always."""
    kept: list[Passage] = []
    spent = 0
    for passage in passages:
        cost = count(passage)
        if not kept or spent + cost <= budget:
            kept.append(passage)
            spent += cost
    return kept


def _span_recall(gold: Sequence[Gold], passages: Sequence[Passage]) -> float:
    """Tokens of all spans that are held / tokens of all spans; a place without a quote counts as one token."""
    sizes = [max(1, one.size) for one in gold]
    covered = (coverage(one, passages) * size for one, size in zip(gold, sizes, strict=True))
    return sum(covered) / sum(sizes)
