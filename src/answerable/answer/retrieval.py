"""Finding candidates: dense beside lexical, inside one snapshot, then fused."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from answerable.answer.fusion import fuse
from answerable.core.errors import Unreachable
from answerable.core.passage import Passage
from answerable.core.ports import Embedder, Snapshot, Store
from answerable.core.query import Query
from answerable.core.trace import skip, step

A = TypeVar("A")
B = TypeVar("B")
DENSE_KEEP_S = 0.5  # what the steps after the search need at the least


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The fused candidates, best first, and how telling each stem of the question is."""

    passages: tuple[Passage, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retriever:
    """The two arms and their fusion. mode: hybrid | dense | lexical."""

    embedder: Embedder
    store: Store
    mode: str = "hybrid"
    depth: int = 50  # candidates of each arm
    dense_weight: float = 0.5

    async def find(self, query: Query, text: str) -> Found:
        """Candidates for `text`, within the query's scope. A dead embedder leaves the lexical arm, and says so."""
        async with self.store.snapshot(query.scope) as view:
            dense, lexical = await self._arms(view, query, text)
            weights = await view.idf(text, language=query.language)  # known by now: the lexical arm has counted
        with step("fuse") as one:
            passages = fuse(dense, lexical, weight=self.dense_weight, limit=2 * self.depth)
            one.detail.update(dense=len(dense), lexical=len(lexical), fused=len(passages))
        return Found(passages=tuple(passages), weights=weights)

    async def _arms(self, view: Snapshot, query: Query, text: str) -> tuple[list[Passage], list[Passage]]:
        return await _together(self._dense(view, query, text), self._lexical(view, query, text))

    async def _dense(self, view: Snapshot, query: Query, text: str) -> list[Passage]:
        if self.mode == "lexical":
            return []
        try:
            patience_s = max(2.0, query.deadline.total_s / 2)
            async with asyncio.timeout(query.deadline.share(at_most_s=patience_s, keep_s=DENSE_KEEP_S)):
                with step("embed"):
                    vectors = await self.embedder.embed([text], kind="query")
        except (Unreachable, TimeoutError):
            if self.mode == "dense":
                raise
            skip("lexical_only")
            return []
        with step("dense"):
            return await view.dense(vectors[0], limit=self.depth)

    async def _lexical(self, view: Snapshot, query: Query, text: str) -> list[Passage]:
        if self.mode == "dense":
            return []
        with step("lexical"):
            return await view.lexical(text, limit=self.depth, language=query.language)


async def _together(first: Coroutine[Any, Any, A], second: Coroutine[Any, Any, B]) -> tuple[A, B]:
    """Two at once; the first failure is raised bare and ends the other."""
    try:
        async with asyncio.TaskGroup() as group:
            one, two = group.create_task(first), group.create_task(second)
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    return one.result(), two.result()
