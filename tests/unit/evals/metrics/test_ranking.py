"""Ranking metrics equal values worked out by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.evals.metrics.ranking import ndcg, precision, recall, reciprocal_rank

METRICS = (ndcg, recall, precision, reciprocal_rank)


def test_one_relevant_at_rank_three() -> None:
    ranked, relevant = ["a", "b", "c", "d"], {"c": 1}
    assert ndcg(ranked, relevant) == pytest.approx(1 / math.log2(4))  # 0.5
    assert recall(ranked, relevant) == 1.0
    assert precision(ranked, relevant, k=4) == 0.25
    assert reciprocal_rank(ranked, relevant) == pytest.approx(1 / 3)


def test_two_of_three_relevant_found() -> None:
    ranked, relevant = ["x", "a", "y", "b"], {"a": 1, "b": 1, "c": 1}
    gain = 1 / math.log2(3) + 1 / math.log2(5)  # 0.63093 + 0.43068
    best = 1 + 1 / math.log2(3) + 0.5  # 2.13093
    assert ndcg(ranked, relevant) == pytest.approx(gain / best)
    assert ndcg(ranked, relevant) == pytest.approx(0.49819, abs=1e-5)
    assert recall(ranked, relevant) == pytest.approx(2 / 3)
    assert precision(ranked, relevant, k=10) == pytest.approx(0.2)
    assert reciprocal_rank(ranked, relevant) == 0.5


def test_grades_weigh_the_gain() -> None:
    relevant = {"a": 3, "b": 1}
    swapped = (1 + 3 / math.log2(3)) / (3 + 1 / math.log2(3))  # 2.89279 / 3.63093
    assert ndcg(["b", "a"], relevant) == pytest.approx(swapped)
    assert ndcg(["b", "a"], relevant) == pytest.approx(0.79670, abs=1e-5)
    assert ndcg(["a", "b"], relevant) == 1.0


def test_what_comes_after_k_does_not_count() -> None:
    ranked, relevant = ["x", "y", "a"], {"a": 1}
    assert [metric(ranked, relevant, k=2) for metric in METRICS] == [0.0] * 4


def test_the_best_possible_ranking_is_cut_at_k_too() -> None:
    assert ndcg(["a"], {"a": 1, "b": 1, "c": 1}, k=1) == 1.0


def test_a_repeated_id_counts_once() -> None:
    ranked, relevant = ["a", "a", "b"], {"a": 1, "b": 1}
    assert ndcg(ranked, relevant) == 1.0
    assert recall(ranked, relevant, k=2) == 1.0
    assert precision(ranked, relevant, k=2) == 1.0


@pytest.mark.parametrize("relevant", [{}, {"a": 0}, {"a": -1}])
def test_without_a_relevant_id_nothing_is_measured(relevant: dict[str, int]) -> None:
    assert [metric(["a"], relevant) for metric in METRICS] == [None] * 4


def test_negative_grades_gain_nothing() -> None:
    assert ndcg(["bad", "a"], {"a": 1, "bad": -2}) == pytest.approx(1 / math.log2(3))


IDS = st.lists(st.sampled_from("abcdefgh"), max_size=12)


@given(IDS, st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 3), min_size=1), st.integers(1, 10))
def test_every_metric_lies_between_zero_and_one(ranked: list[str], relevant: dict[str, int], k: int) -> None:
    for metric in METRICS:
        assert 0.0 <= metric(ranked, relevant, k=k) <= 1.0 + 1e-12


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 3), min_size=1), st.integers(1, 10))
def test_the_best_ranking_has_an_ndcg_of_one(relevant: dict[str, int], k: int) -> None:
    best = sorted(relevant, key=lambda one: -relevant[one])
    assert ndcg(best, relevant, k=k) == pytest.approx(1.0)
