"""A faulty reranker."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from answerable.core.errors import ModelUnreachable
from answerable.core.passage import Passage
from answerable.core.ports import Reranker
from answerable.core.query import Query
from answerable.testing.faults.fault import Fault
from answerable.testing.faults.foreign import foreign_passages
from answerable.testing.faults.harm import Harm

ORDERS = ("invented", "foreign", "repeated", "nan", "out-of-range", "text", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyReranker:
    """A Reranker that fails as told."""

    inner: Reranker
    harm: Harm

    async def rerank(self, query: Query, passages: Sequence[Passage], *, limit: int) -> list[Passage]:
        """As the harm says, or the inner one's."""
        await self.harm.strike(ModelUnreachable("a drill: no reranker answers"))
        if self.harm.fault is Fault.EMPTY:
            return []
        if self.harm.fault is Fault.GARBAGE:
            return _nonsense(self.harm.variant or "invented", passages, query.text)
        return await self.inner.rerank(query, passages, limit=limit)


def _nonsense(variant: str, passages: Sequence[Passage], question: str) -> list[Passage]:
    """Wrong orders, one of ORDERS; what was found stands beside what was not."""
    foreign = foreign_passages(question)
    first = list(passages[:1])
    invented = [replace(one, chunk=replace(one.chunk, text=foreign[0].chunk.text)) for one in first]
    wrong: dict[str, Any] = {
        "invented": [*invented, *first],
        "foreign": [*foreign, *passages],
        "repeated": [*first, *first],
        "nan": [replace(one, score=math.nan) for one in passages],
        "out-of-range": [replace(one, score=1e9) for one in passages],
        "text": ["a passage"],
        "none": None,
    }
    return wrong[variant]  # type: ignore[no-any-return]
