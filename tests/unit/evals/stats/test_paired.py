"""The paired comparison: it is McNemar's test on single cases, and says nothing where there is nothing to say."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as oracle

from answerable.evals.stats.paired import mcnemar, paired_difference
from answerable.evals.stats.signflip import flip_p, lattice

rates = st.sampled_from([-1.0, -2 / 3, -1 / 3, 0.0, 1 / 3, 2 / 3, 1.0])
suites = st.lists(st.tuples(rates, st.sampled_from("abcdefghijkl")), min_size=1, max_size=60)


def single(fixed: int, broken: int, same: int = 0):
    """Differences of cases that each are their own cluster."""
    values = [1.0] * fixed + [-1.0] * broken + [0.0] * same
    return values, [str(i) for i in range(len(values))]


def by_patterns(sums) -> float:
    """The sign-flip test by writing down every pattern."""
    far = [
        abs(sum(s * x for s, x in zip(signs, sums, strict=True))) for signs in product((1, -1), repeat=len(sums))
    ]
    return float(np.mean([one >= abs(sum(sums)) - 1e-9 for one in far]))


@given(fixed=st.integers(0, 60), broken=st.integers(0, 60))
def test_mcnemar_is_the_exact_binomial_test(fixed, broken):
    expected = oracle.binomtest(fixed, fixed + broken).pvalue if fixed + broken else 1.0
    assert mcnemar(fixed, broken) == pytest.approx(expected, rel=1e-9)


def test_six_to_none_is_the_least_that_is_significant():
    assert mcnemar(0, 6) == pytest.approx(0.03125)
    assert mcnemar(0, 5) > 0.05


@given(fixed=st.integers(0, 40), broken=st.integers(0, 40), same=st.integers(1, 40))
def test_on_single_cases_it_is_mcnemars_test(fixed, broken, same):
    assert paired_difference(*single(fixed, broken, same)).p == pytest.approx(mcnemar(fixed, broken), rel=1e-9)


@given(steps=st.lists(st.integers(-9, 9), min_size=1, max_size=10))
def test_the_count_of_patterns_is_right(steps):
    sums = np.asarray(steps) / 3.0
    assert flip_p(sums, seed=0, resamples=10) == pytest.approx(by_patterns(sums.tolist()))


def test_drawn_patterns_come_near_the_counted_ones():
    sums = np.random.default_rng(3).normal(0.3, 1.0, 12)
    assert lattice(sums) is None
    assert flip_p(sums, seed=1, resamples=20_000) == pytest.approx(by_patterns(sums.tolist()), abs=0.015)


def test_drawn_patterns_are_the_same_for_the_same_seed():
    values = np.random.default_rng(3).normal(0.02, 0.1, 40).tolist()
    names = [str(i) for i in range(40)]
    assert paired_difference(values, names, seed=5) == paired_difference(values, names, seed=5)
    assert paired_difference(values, names, seed=5).p != paired_difference(values, names, seed=6).p


@settings(max_examples=40)
@given(suite=suites)
def test_the_interval_holds_the_mean_and_agrees_with_p(suite):
    values, names = zip(*suite, strict=True)
    found = paired_difference(values, names)
    assert found.mean == pytest.approx(np.mean(values))
    assert found.n == len(values)
    assert found.clusters == len(set(names))
    assert -1.0 <= found.interval.low <= found.interval.high <= 1.0
    assert found.interval.low - 1e-12 <= found.mean <= found.interval.high + 1e-12
    assert (0.0 not in found.interval) == (found.p <= 0.05)


@settings(max_examples=40)
@given(suite=suites)
def test_swapping_base_and_head_turns_the_result_around(suite):
    values, names = zip(*suite, strict=True)
    there, back = paired_difference(values, names), paired_difference([-one for one in values], names)
    assert back.mean == pytest.approx(-there.mean)
    assert back.p == pytest.approx(there.p)
    assert (back.interval.low, back.interval.high) == pytest.approx((-there.interval.high, -there.interval.low))


@settings(max_examples=40)
@given(suite=suites, seed=st.integers(0, 99))
def test_the_order_of_cases_does_not_matter(suite, seed):
    mixed = np.random.default_rng(seed).permutation(len(suite))
    values, names = zip(*suite, strict=True)
    one = paired_difference(values, names)
    other = paired_difference([values[i] for i in mixed], [names[i] for i in mixed])
    assert (one.mean, one.p, one.interval.low) == pytest.approx((other.mean, other.p, other.interval.low))


@settings(max_examples=40)
@given(suite=suites)
def test_more_confidence_is_a_wider_interval(suite):
    values, names = zip(*suite, strict=True)
    narrow, wide = (paired_difference(values, names, confidence=level).interval for level in (0.8, 0.99))
    assert wide.low <= narrow.low + 1e-9
    assert narrow.high <= wide.high + 1e-9


def test_no_difference_seen_is_not_no_difference():
    found = paired_difference(*single(0, 0, 100))
    assert found.p == 1.0
    assert found.interval.high == pytest.approx(1 - 0.025 ** (1 / 100))
    assert found.interval.low == -found.interval.high


@pytest.mark.parametrize("n", [1, 40])
def test_one_cluster_says_nothing(n):
    found = paired_difference([-1.0] * n, ["the only document"] * n)
    assert (found.p, found.interval.low, found.interval.high) == (1.0, -1.0, 1.0)


def test_cases_of_one_document_are_not_as_many_documents():
    values = [-1.0] * 30 + [0.0] * 70
    together = paired_difference(values, [str(i // 10) for i in range(100)])
    apart = paired_difference(values, [str(i) for i in range(100)])
    assert apart.p < 1e-8
    assert together.p == 0.25  # three documents broke: 2 of 8 patterns
    assert together.interval.width > 2 * apart.interval.width


def test_single_cases_of_one_size_have_students_interval():
    rng = np.random.default_rng(0)
    values = rng.uniform(-0.5, 0.5, 400)
    found = paired_difference(values, [str(i) for i in range(400)])
    theirs = oracle.t.interval(0.95, 399, loc=values.mean(), scale=oracle.sem(values))
    assert (found.interval.low, found.interval.high) == pytest.approx(theirs, abs=3e-3)


@pytest.mark.parametrize(
    ("values", "names"), [([], []), ([0.1], []), ([1.5], ["a"]), ([math.nan, 0.0], ["a", "b"])]
)
def test_what_is_no_difference_of_rates_is_refused(values, names):
    with pytest.raises(ValueError, match="difference"):
        paired_difference(values, names)


@settings(max_examples=4)
@given(seed=st.integers(0, 10_000))
def test_relabeling_base_and_head_is_significant_as_rarely_as_it_says(seed):
    """Exactness: over all patterns of signs of one suite, at most 5 % have p ≤ 5 %."""
    sums = np.random.default_rng(seed).integers(-5, 6, 9) / 3.0
    found = [flip_p(sums * signs, seed=0, resamples=1) for signs in product((1, -1), repeat=9)]
    assert np.mean(np.asarray(found) <= 0.05) <= 0.05
