"""Our tails and quantiles are scipy's, to ten digits and more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as oracle

from answerable.evals.stats.distributions import (
    beta_cdf,
    beta_quantile,
    binomial_at_least,
    binomial_at_most,
    normal_cdf,
    normal_quantile,
    t_quantile,
    t_two_sided,
)

shares = st.floats(1e-6, 1 - 1e-6)


@given(x=shares, a=st.floats(0.5, 3_000), b=st.floats(0.5, 3_000))
def test_the_incomplete_beta_function_is_scipys(x, a, b):
    assert beta_cdf(x, a, b) == pytest.approx(oracle.beta.cdf(x, a, b), rel=1e-8, abs=1e-12)


@given(p=shares, a=st.integers(1, 500), b=st.integers(1, 500))
def test_a_beta_quantile_has_its_probability_below_it(p, a, b):
    assert beta_cdf(beta_quantile(p, a, b), a, b) == pytest.approx(p, rel=1e-8)


@given(n=st.integers(1, 2_000), p=st.floats(0.001, 0.999), data=st.data())
def test_binomial_tails_are_scipys_and_add_up(n, p, data):
    k = data.draw(st.integers(0, n))
    assert binomial_at_most(k, n, p) == pytest.approx(oracle.binom.cdf(k, n, p), rel=1e-8, abs=1e-12)
    assert binomial_at_most(k, n, p) + binomial_at_least(k + 1, n, p) == pytest.approx(1.0)


def test_a_binomial_has_its_ends():
    assert binomial_at_most(-1, 5, 0.5) == 0.0 == binomial_at_least(6, 5, 0.5)
    assert binomial_at_most(5, 5, 0.5) == 1.0 == binomial_at_least(0, 5, 0.5)


@given(p=st.floats(1e-12, 1 - 1e-9))
def test_normal_quantiles_are_scipys(p):
    assert normal_quantile(p) == pytest.approx(oracle.norm.ppf(p), rel=1e-9, abs=1e-9)
    assert normal_cdf(normal_quantile(p)) == pytest.approx(p, rel=1e-9)


@given(p=st.floats(1e-4, 1 - 1e-4), df=st.floats(1.0, 500.0))
def test_t_quantiles_are_scipys_and_symmetric(p, df):
    assert t_quantile(p, df) == pytest.approx(oracle.t.ppf(p, df), rel=1e-8, abs=1e-8)
    assert t_quantile(1.0 - p, df) == pytest.approx(-t_quantile(p, df), rel=1e-6, abs=1e-9)


@given(t=st.floats(-30, 30), df=st.floats(0.5, 500.0))
def test_both_tails_of_t_are_scipys(t, df):
    assert t_two_sided(t, df) == pytest.approx(2.0 * oracle.t.sf(abs(t), df), rel=1e-7, abs=1e-12)
