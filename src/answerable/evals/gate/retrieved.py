"""What a row says of retrieval: which of its scores measure it, and what was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from answerable.core.evaluation import Row

# In the order that they are shown.
_RETRIEVAL = ("span_recall", "recall", "precision", "mrr", "ndcg")


def retrieval_names(rows: Iterable[Row]) -> tuple[str, ...]:
    """The scores of retrieval that the rows have, span recall first; `name` or `name@k`."""
    names = {score.name for row in rows for score in row.scores if _stem(score.name) in _RETRIEVAL}
    return tuple(sorted(names, key=lambda name: (_RETRIEVAL.index(_stem(name)), name)))


def _stem(name: str) -> str:
    return name.partition("@")[0]


def text_of(row: Row) -> str:
    """The answer's words."""
    return str(row.answer.get("text", ""))


def found_of(row: Row) -> tuple[str, ...]:
    """The passages that the answer was made from, in their order, each by its document and section."""
    passages = row.answer.get("passages", ())
    return tuple(_name(one) for one in passages) if isinstance(passages, list | tuple) else ()


def _name(passage: Any) -> str:
    if not isinstance(passage, Mapping):
        return str(passage)
    place = passage.get("uri") or passage.get("document") or passage.get("chunk") or "?"
    section = passage.get("section") or ""
    return f"{place} > {section}" if section else str(place)
