"""What a comparison could have seen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.evals.stats.paired import mcnemar
from answerable.evals.stats.power import cases_needed, detectable


def quiet(n: int, churn: int = 0) -> tuple[list[float], list[str]]:
    """n single cases, of which as many were fixed as broken."""
    return [1.0] * churn + [-1.0] * churn + [0.0] * (n - 2 * churn), [str(i) for i in range(n)]


@pytest.mark.parametrize(("n", "drop"), [(50, 0.2), (100, 0.1), (200, 0.05)])
def test_in_the_long_run_the_detectable_drop_is_detected(n, drop):
    """Without noise a drop is a binomial number of broken cases, so the exact power can be added up."""
    said = detectable(*quiet(n), alpha=0.05)
    assert said == pytest.approx(drop, rel=0.15)
    broken = np.random.default_rng(0).binomial(n, said, 4_000)
    power = np.mean([mcnemar(0, int(k)) <= 0.05 for k in broken])
    assert 0.75 <= power <= 0.95


@settings(max_examples=25)
@given(n=st.integers(40, 300), churn=st.integers(0, 8))
def test_more_cases_see_less_and_more_noise_hides_more(n, churn):
    drop = detectable(*quiet(n, churn), alpha=0.05)
    assert drop is not None
    assert detectable(*quiet(2 * n, 2 * churn), alpha=0.05) < drop
    assert detectable(*quiet(n, churn + 2), alpha=0.05) > drop
    assert detectable(*quiet(n, churn), alpha=0.01) > drop


@settings(max_examples=25)
@given(n=st.integers(20, 200), churn=st.integers(0, 8), effect=st.sampled_from([0.03, 0.05, 0.1, 0.2]))
def test_the_cases_that_are_missing_are_enough_and_not_too_many(n, churn, effect):
    more = cases_needed(*quiet(n, churn), effect=effect, alpha=0.05)
    drop = detectable(*quiet(n, churn), alpha=0.05)
    assert more is not None
    assert (more == 0) == (drop <= effect + 1e-4)
    assert cases_needed(*quiet(n, churn), effect=effect, alpha=0.05, power=0.9) >= more
    assert cases_needed(*quiet(n, churn), effect=-effect, alpha=0.05) == more


def test_one_document_sees_nothing_at_all():
    assert detectable([0.0] * 50, ["a"] * 50, alpha=0.05) is None
    assert detectable([0.0] * 50, [str(i % 5) for i in range(50)], alpha=0.05) is None  # 2 of 32 patterns: 6 %


def test_no_effect_wants_no_number():
    assert cases_needed(*quiet(50), effect=0.0, alpha=0.05) is None


def test_cases_that_change_together_see_less():
    values = [1.0] * 10 + [-1.0] * 10 + [0.0] * 180
    together = detectable(values, [str(i // 5) for i in range(200)], alpha=0.05)
    apart = detectable(values, [str(i) for i in range(200)], alpha=0.05)
    assert together > 1.5 * apart
