"""A reranker past its time, or broken: the fused order stands, and the answer says so."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from answerable.adapters.rerankers.budget import Budgeted
from answerable.adapters.rerankers.proximity import Proximity
from answerable.core import trace as tracing
from answerable.core.deadline import Deadline
from answerable.core.errors import (
    AnswerableError,
    DatabaseUnreachable,
    DeadlineExceeded,
    IntegrityError,
    PermanentModelError,
    TransientModelError,
)
from answerable.core.passage import Passage
from answerable.core.query import Query
from answerable.core.trace import Trace
from answerable.testing.reranker import QUERY, candidates


class Failing:
    """Raises, or waits for ever."""

    def __init__(self, error: AnswerableError | None = None) -> None:
        self.error = error
        self.asked: list[Query] = []

    async def rerank(self, query: Query, passages: Sequence[Passage], *, limit: int) -> list[Passage]:
        self.asked.append(query)
        if self.error:
            raise self.error
        await asyncio.Event().wait()
        return []


async def traced(budgeted: Budgeted, query: Query = QUERY) -> tuple[list[Passage], Trace]:
    trace = Trace(tenant="t")
    token = tracing.current.set(trace)
    try:
        return await budgeted.rerank(query, candidates(), limit=3), trace
    finally:
        tracing.current.reset(token)


@pytest.mark.parametrize(
    "error",
    [
        TransientModelError("429"),
        PermanentModelError("bad reply"),
        DatabaseUnreachable("down"),
        DeadlineExceeded("late"),
        None,
    ],
)
async def test_the_fused_order_stands_and_the_trace_says_why(error: AnswerableError | None) -> None:
    found, trace = await traced(Budgeted(reranker=Failing(error), seconds=0.01))
    assert found == candidates()[:3]
    assert trace.degraded == ["no_rerank"]
    skipped = trace.steps[-1]
    assert (skipped.name, skipped.status) == ("rerank_skipped", "skipped")
    assert (str(error) if error else "took longer than 0.01 s") == skipped.detail["why"]


async def test_in_time_nothing_is_said() -> None:
    found, trace = await traced(Budgeted(reranker=Proximity(), seconds=5.0))
    assert found == await Proximity().rerank(QUERY, candidates(), limit=3)
    assert trace.degraded == []


async def test_a_wrong_file_is_no_slow_file() -> None:
    with pytest.raises(IntegrityError):
        await traced(Budgeted(reranker=Failing(IntegrityError("changed")), seconds=1.0))


async def test_the_reranker_sees_its_own_time_and_leaves_some_for_the_answer() -> None:
    failing = Failing(TransientModelError("x"))
    await traced(Budgeted(reranker=failing, seconds=5.0), replace(QUERY, deadline=Deadline.after(2.0)))
    assert 1.0 < failing.asked[0].deadline.total_s <= 1.6


async def test_the_requests_own_end_is_not_swallowed() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await traced(Budgeted(reranker=Failing(), seconds=5.0))
