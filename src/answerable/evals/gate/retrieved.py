"""What a row says of retrieval: which of its scores measure it, and what was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from answerable.core.evaluation import Row

# In the order that they are shown; of each the largest k.
_RETRIEVAL = ("span_recall", "recall", "ndcg", "mrr")


def retrieval_names(rows: Iterable[Row]) -> tuple[str, ...]:
    """The scores of retrieval that the rows have, span recall first; `name` or `name@k`."""
    names = {score.name for row in rows for score in row.scores}
    best = (max((name for name in names if _stem(name) == stem), key=_cut, default="") for stem in _RETRIEVAL)
    return tuple(name for name in best if name)


def retrieval_only(scores: Mapping[str, float]) -> dict[str, float]:
    """Those of them that measure what was found, by name."""
    return {name: value for name, value in scores.items() if _stem(name) in _RETRIEVAL}


def _stem(name: str) -> str:
    return name.partition("@")[0]


def _cut(name: str) -> int:
    cut = name.partition("@")[2]
    return int(cut) if cut.isdigit() else 0


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
