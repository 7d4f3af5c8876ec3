"""Quantiles with order-statistic intervals."""

from __future__ import annotations

import random

import pytest
from scipy.stats import binom

from answerable.evals.gate.quantiles import quantile


@pytest.mark.parametrize(("n", "level"), [(20, 0.5), (100, 0.5), (100, 0.95), (400, 0.95)])
def test_the_ends_are_the_order_statistics_of_the_binomial(n, level):
    found = quantile(list(range(1, n + 1)), level=level, cases=n)
    low = max(rank for rank in range(1, n + 1) if binom.cdf(rank - 1, n, level) <= 0.025)
    high = [rank for rank in range(1, n + 1) if 1 - binom.cdf(rank - 1, n, level) <= 0.025]
    assert (found.low, found.high) == (low, min(high, default=None))


def test_too_few_cases_bound_no_p95_from_above():
    found = quantile([1.0, 2.0, 3.0], level=0.95, cases=3)
    assert (found.value, found.high) == (3.0, None)


def test_repeats_make_the_interval_no_narrower():
    values = [float(n) for n in range(100)]
    assert quantile(values * 3, level=0.5, cases=100).low == quantile(values, level=0.5, cases=100).low


@pytest.mark.parametrize("n", range(8, 120))
def test_each_repeated_alike_is_the_same_quantile_to_the_rank(n):
    values = [float(one) for one in range(n)]
    for level in (0.5, 0.95):
        once, twice = (quantile(values * times, level=level, cases=n) for times in (1, 2))
        assert (once.value, once.low, once.high) == (twice.value, twice.low, twice.high)
        assert once.low == max((r for r in range(1, n + 1) if binom.cdf(r - 1, n, level) <= 0.025), default=0) - 1


def test_it_covers_the_truth_as_often_as_it_says():
    drawn = random.Random(4)
    found = [quantile([drawn.random() for _ in range(60)], level=0.5, cases=60) for _ in range(400)]
    assert sum(one.low <= 0.5 <= one.high for one in found) / 400 >= 0.93


def test_without_answers_there_is_no_quantile():
    assert quantile([], level=0.5, cases=0).value is None
