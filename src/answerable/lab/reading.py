"""What the passages of one question are worth within a budget of tokens: the same budget for every setting.

Recall, precision and IoU count characters, as Smith and Troynikov 2024, "Evaluating Chunking Strategies for
Retrieval" (Chroma technical report), count tokens; recall stops where the budget ends, inside a passage too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from answerable.core.passage import Passage
from answerable.lab.question import Gold, Question, Span

HELD = 0.5  # share of a place's characters from which a passage counts as holding it


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All in [0, 1], higher is better."""

    recall: float  # gold characters within the budget / gold characters
    precision: float  # gold characters / characters within the budget
    iou: float  # gold and retrieved / gold or retrieved
    ndcg: float  # each gold place gains once, where it is first held; best: one a rank
    mrr: float  # 1 / rank of the first passage that holds one


def read(question: Question, passages: Sequence[Passage], *, budget: int) -> Reading:
    """Passages best first; `budget` in the embedding model's tokens."""
    shown = within(passages, budget)
    covered = sum(max(_overlap(shown.get(gold.uri, ()), place) for place in gold.places) for gold in question.gold)
    wanted = sum(_size(gold) for gold in question.gold)
    retrieved = sum(_length(spans) for spans in shown.values())
    ranks = [rank for gold in question.gold if (rank := _first_rank(gold, passages))]
    best = sum(1 / math.log2(1 + rank) for rank in range(1, len(question.gold) + 1))
    return Reading(
        recall=min(1.0, covered / wanted),
        precision=min(1.0, covered / retrieved) if retrieved else 0.0,
        iou=min(1.0, covered / (wanted + retrieved - covered)),
        ndcg=min(1.0, sum(1 / math.log2(1 + rank) for rank in ranks) / best),
        mrr=1 / min(ranks) if ranks else 0.0,
    )


def how_many(passages: Sequence[Passage], budget: int) -> int:
    """How many of the first passages the budget pays for, at least in part."""
    left = budget
    for n, passage in enumerate(passages):
        if left <= 0:
            return n
        left -= max(1, passage.chunk.tokens)
    return len(passages)


def within(passages: Iterable[Passage], budget: int) -> dict[str, list[Span]]:
    """The characters that the budget pays for, by uri, apart and in order; a piece shown twice is paid twice."""
    taken: dict[str, list[Span]] = {}
    left = budget
    for passage in passages:
        if left <= 0:
            break
        chunk, cost = passage.chunk, max(1, passage.chunk.tokens)
        share = min(1.0, left / cost)
        taken.setdefault(passage.uri, []).append(
            (chunk.start, chunk.start + int((chunk.end - chunk.start) * share))
        )
        left -= cost
    return {uri: merged(spans) for uri, spans in taken.items()}


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same characters in spans that do not touch each other."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif end > start:
            found.append((start, end))
    return found


def _first_rank(gold: Gold, passages: Sequence[Passage]) -> int | None:
    for rank, passage in enumerate(passages, start=1):
        span = [(passage.chunk.start, passage.chunk.end)]
        if passage.uri == gold.uri and any(
            _overlap(span, (start, end)) >= HELD * (end - start) for start, end in gold.places
        ):
            return rank
    return None


def _overlap(spans: Iterable[Span], place: Span) -> int:
    return sum(max(0, min(end, place[1]) - max(start, place[0])) for start, end in spans)


def _length(spans: Iterable[Span]) -> int:
    return sum(end - start for start, end in spans)


def _size(gold: Gold) -> int:
    return max(end - start for start, end in gold.places)
