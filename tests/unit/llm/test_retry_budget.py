"""Retries and second requests never become a storm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.llm.budget import RetryBudget


def test_it_begins_full_lives_on_what_comes_in_and_holds_no_more_than_fifty_requests_bring():
    budget = RetryBudget(share=0.1)
    assert [budget.retry() for _ in range(6)] == [True] * 5 + [False]
    for _ in range(10):
        budget.paid_in()
    assert [budget.hedge(), budget.retry()] == [True, False]
    for _ in range(1000):
        budget.paid_in()
    assert sum(budget.retry() for _ in range(100)) == 5
    assert (budget.requests, budget.retries, budget.hedges, budget.refused) == (1010, 10, 1, 97)


def test_a_share_of_nothing_allows_nothing():
    budget = RetryBudget(share=0.0)
    budget.paid_in()
    assert not budget.retry()


@given(
    st.lists(st.one_of(st.just("request"), st.just("retry"), st.just("hedge"), st.just("storm")), max_size=400),
    st.sampled_from([0.02, 0.1, 0.25]),
)
def test_over_any_fifty_requests_and_more_there_are_at_most_twice_the_share_of_them(events, share):
    budget, story = RetryBudget(share=share), []
    for event in ["storm", *events, *["request", "retry"] * 60]:
        if event == "request":
            budget.paid_in()
            story.append(0)
        else:
            story += [
                1
                for _ in range(30 if event == "storm" else 1)
                if (budget.retry() if event != "hedge" else budget.hedge())
            ]
    starts = [i for i, one in enumerate(story) if one == 0]
    for first in range(0, len(starts) - 50):
        begin = starts[first - 1] + 1 if first else 0
        for last in {first + 49, (first + len(starts)) // 2, len(starts) - 1}:
            if last < first + 49:
                continue
            end = starts[last + 1] if last + 1 < len(starts) else len(story)
            assert sum(story[begin:end]) <= 2 * share * (last - first + 1) + 1e-6


@pytest.mark.parametrize("share", [0.1])
def test_the_shipped_share_keeps_a_dead_provider_under_a_fifth(share):
    budget = RetryBudget(share=share)
    for _ in range(50):
        budget.paid_in()
        budget.retry()
    assert budget.retries / budget.requests <= 0.2
