"""What rerankers with scores of their own share: what they read of a passage, and the order they leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from answerable.core.passage import Passage
from answerable.core.query import Query
from answerable.text.stems import stems

DEPTH = 30  # passages that are scored anew: docs/decisions/0105-rerankers-by-name.md


def says_something(query: Query) -> bool:
    """Whether the question has a word besides stop words: without one there is nothing to order by."""
    return bool(stems(query.text, query.language or "en"))


def shown(passage: Passage) -> str:
    """What a model reads of a passage: title and section on one line, then the text; never empty."""
    context = " > ".join(part for part in (passage.title, passage.section) if part)
    text = passage.chunk.text.encode("utf-8", "replace").decode()
    return f"{context}\n{text}".strip() or "-"


def reordered(
    passages: Sequence[Passage], keys: Sequence[float], scores: Sequence[float], *, name: str, limit: int
) -> list[Passage]:
    """The first len(keys) passages by their keys, highest first, ties as they came; the others behind them.

    `scores` in [0, 1] rise with the keys and become the passages' scores; the key is kept as scores[name].
    """
    order = sorted(range(len(keys)), key=lambda place: -keys[place])
    head = [_scored(passages[place], scores[place], name, keys[place]) for place in order]
    lowest = head[-1].score if head else 1.0
    tail = [replace(one, score=max(0.0, min(lowest, one.score))) for one in passages[len(keys) :]]
    return (head + tail)[: max(0, limit)]


def _scored(passage: Passage, score: float, name: str, key: float) -> Passage:
    said = MappingProxyType({**passage.scores, name: key})
    return replace(passage, score=min(1.0, max(0.0, score)), scores=said)
