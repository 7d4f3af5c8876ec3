"""A reranker with a time budget: past it, or when it fails, the fused order stays and the answer says so."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from answerable.core.deadline import Deadline
from answerable.core.errors import DeadlineExceeded, ModelError, Unreachable
from answerable.core.passage import Passage
from answerable.core.ports import Reranker
from answerable.core.query import Query
from answerable.core.trace import skip, step

KEEP_S = 0.4  # what the steps after reranking need at the least
SKIPPED = "no_rerank"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgeted:
    """A Reranker made of a Reranker. What is broken by configuration or by a wrong file still raises."""

    reranker: Reranker
    seconds: float

    async def rerank(self, query: Query, passages: Sequence[Passage], *, limit: int) -> list[Passage]:
        """The reranker's order within its time; else the first `limit` as they came, recorded as `no_rerank`."""
        allowed = query.deadline.share(at_most_s=self.seconds, keep_s=KEEP_S)
        timed = replace(query, deadline=Deadline.after(allowed))
        try:
            async with asyncio.timeout(allowed):
                return await self.reranker.rerank(timed, passages, limit=limit)
        except TimeoutError:
            why = f"took longer than {allowed:.3g} s"
        except (Unreachable, ModelError, DeadlineExceeded) as error:
            why = str(error)
        skip(SKIPPED)
        with step("rerank_skipped") as one:
            one.status = "skipped"
            one.detail["why"] = why
        return list(passages[: max(0, limit)])
