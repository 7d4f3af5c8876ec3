"""Quantiles of latencies and means of costs."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as oracle

from answerable.evals.stats.means import mean_interval
from answerable.evals.stats.quantiles import quantile_interval

latencies = st.lists(st.floats(0, 1e6), min_size=1, max_size=200)


@settings(max_examples=40)
@given(values=latencies, share=st.sampled_from([0.1, 0.5, 0.95, 0.99]))
def test_a_quantiles_interval_is_scipys(values, share):
    found = quantile_interval(values, share)
    theirs = oracle.quantile_test(values, q=0, p=share).confidence_interval(0.95)
    low = -math.inf if math.isnan(theirs.low) else theirs.low
    high = math.inf if math.isnan(theirs.high) else theirs.high
    assert found.interval.high == high
    assert found.interval.low == low
    assert found.interval.low <= found.value <= found.interval.high
    assert found.value in values


def test_p95_wants_72_values_for_an_upper_end():
    assert quantile_interval(range(71), 0.95).interval.high == math.inf
    assert quantile_interval(range(72), 0.95).interval.high == 71


def test_the_median_of_a_hundred():
    found = quantile_interval(range(1, 101), 0.5)
    assert (found.value, found.interval.low, found.interval.high, found.n) == (50, 40, 61, 100)


def test_nothing_has_no_quantile_and_no_mean():
    assert quantile_interval([], 0.5) is None
    assert mean_interval([]) is None


def test_one_value_or_one_day_says_nothing_of_the_mean():
    for found in (mean_interval([3.0]), mean_interval([1.0, 2.0], groups=["monday"] * 2)):
        assert (found.interval.low, found.interval.high) == (-math.inf, math.inf)


def test_equal_costs_have_no_spread():
    found = mean_interval([0.25] * 50)
    assert (found.value, found.interval.low, found.interval.high) == (0.25, 0.25, 0.25)


@settings(max_examples=15)
@given(seed=st.integers(0, 50))
def test_the_interval_of_a_mean_holds_it_leans_as_the_values_do_and_scales(seed):
    values = np.random.default_rng(seed).lognormal(0.0, 1.0, 40)
    found = mean_interval(values.tolist(), resamples=500)
    assert found.interval.low <= found.value <= found.interval.high
    assert found.interval.high - found.value > found.value - found.interval.low
    scaled = mean_interval((8.0 * values).tolist(), resamples=500)
    assert scaled.interval.high == pytest.approx(8.0 * found.interval.high)


def test_days_that_differ_widen_it():
    rng = np.random.default_rng(4)
    days = np.repeat(np.arange(12), 20)
    values = (1.0 + days % 4 + rng.random(240)).tolist()
    by_day = mean_interval(values, groups=[str(one) for one in days]).interval
    assert by_day.width > 2 * mean_interval(values).interval.width
