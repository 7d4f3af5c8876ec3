"""Intervals of one proportion: scipy's figures, the documented tables, and what no interval may do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as oracle

from answerable.evals.stats.proportions import certifiable_at, exact, lower_bound, upper_bound, wilson

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
levels = st.sampled_from([0.8, 0.9, 0.95, 0.99])

WILSON_AT = {  # n: at an observed 90 %, at 50 %, in percent
    20: (70, 97, 30, 70),
    50: (79, 96, 37, 63),
    100: (83, 94, 40, 60),
    200: (85, 93, 43, 57),
    400: (87, 93, 45, 55),
    1_000: (88, 92, 47, 53),
    5_000: (89, 91, 49, 51),
}
CERTIFIED_AT = {  # alpha: items needed with 0, 1, 2, 3, 5, 10 errors
    0.10: (29, 46, 61, 76, 103, 167),
    0.05: (59, 93, 124, 153, 208, 336),
    0.02: (149, 236, 313, 386, 523, 845),
    0.01: (299, 473, 628, 773, 1_049, 1_693),
}


@pytest.mark.parametrize("n", WILSON_AT)
def test_wilson_gives_the_documented_table(n):
    high, half = wilson(0.9 * n, n), wilson(0.5 * n, n)
    assert tuple(round(100 * end) for end in (high.low, high.high, half.low, half.high)) == WILSON_AT[n]


@pytest.mark.parametrize("alpha", CERTIFIED_AT)
def test_so_many_items_prove_alpha_with_so_many_errors(alpha):
    assert tuple(certifiable_at(k, alpha=alpha) for k in (0, 1, 2, 3, 5, 10)) == CERTIFIED_AT[alpha]


@given(k=st.integers(0, 30), alpha=st.floats(0.005, 0.4))
def test_one_item_fewer_proves_less_than_alpha(k, alpha):
    n = certifiable_at(k, alpha=alpha)
    assert upper_bound(k, n, confidence=0.95) <= alpha + 1e-9
    assert n == k + 1 or upper_bound(k, n - 1, confidence=0.95) > alpha - 1e-9


@settings(max_examples=40)
@given(kn=counts, level=levels)
def test_intervals_are_scipys(kn, level):
    k, n = kn
    for ours, method in ((wilson, "wilson"), (exact, "exact")):
        theirs = oracle.binomtest(k, n).proportion_ci(confidence_level=level, method=method)
        made = ours(k, n, confidence=level)
        assert (made.low, made.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


@settings(max_examples=40)
@given(kn=counts, level=levels)
def test_an_interval_holds_its_estimate_and_mirrors(kn, level):
    k, n = kn
    for method in (wilson, exact):
        one, other = method(k, n, confidence=level), method(n - k, n, confidence=level)
        assert 0.0 <= one.low <= k / n <= one.high <= 1.0
        assert (one.low, one.high) == pytest.approx((1 - other.high, 1 - other.low), abs=1e-9)


@given(kn=counts)
def test_one_more_success_moves_every_bound_up(kn):
    k, n = kn
    assert upper_bound(k, n + 1, confidence=0.95) < upper_bound(k + 1, n + 1, confidence=0.95)
    assert lower_bound(k, n + 1, confidence=0.95) < lower_bound(k + 1, n + 1, confidence=0.95)
    assert wilson(k, n + 1).low < wilson(k + 1, n + 1).low


def test_nothing_seen_says_nothing():
    for method in (wilson, exact):
        assert (method(0, 0).low, method(0, 0).high) == (0.0, 1.0)


def test_none_of_sixty_is_at_most_five_percent_and_not_zero():
    assert upper_bound(0, 60, confidence=0.95) == pytest.approx(0.0487, abs=1e-4)
    assert upper_bound(0, 300, confidence=0.95) == pytest.approx(0.01, abs=1e-4)


def test_exact_covers_at_least_what_it_says_at_every_truth():
    for n in (10, 40):
        inside = [exact(k, n) for k in range(n + 1)]
        for p in np.linspace(0.01, 0.99, 33):
            chance = oracle.binom.pmf(np.arange(n + 1), n, p)
            assert sum(c for c, one in zip(chance, inside, strict=True) if p in one) >= 0.95
