"""Certified selective answering."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.evals.stats.proportions import upper_bound
from answerable.evals.stats.risk import Certificate, NotCertifiable, certify, certify_each


def drawn(n: int, seed: int, floor: float = 0.005):
    """Scores in [0, 1] and errors that fade as the score rises; risk at score ≥ t follows."""
    rng = np.random.default_rng(seed)
    scores = rng.random(n)
    return scores, rng.random(n) < 0.5 * np.exp(-6.0 * scores) + floor


def risk_above(threshold: float, floor: float = 0.005) -> float:
    return 0.5 * (np.exp(-6.0 * threshold) - np.exp(-6.0)) / 6.0 / (1.0 - threshold) + floor


@settings(max_examples=40)
@given(n=st.integers(50, 1_500), seed=st.integers(0, 500), alpha=st.sampled_from([0.02, 0.05, 0.1, 0.2]))
def test_a_certificate_says_what_its_counts_prove(n, seed, alpha):
    scores, wrong = drawn(n, seed)
    found = certify(scores, wrong, alpha=alpha, delta=0.05, seed=seed)
    assert found.bound == pytest.approx(upper_bound(found.k, found.n, confidence=0.95))
    if isinstance(found, Certificate):
        assert found.bound <= alpha
        assert found.answer_rate == found.n / found.calibration
        assert found.calibration + found.selection == n
        assert found.threshold in scores
    else:
        assert found.bound > alpha
        assert found.labels_needed is None or found.labels_needed >= 1


def test_the_promise_is_broken_no_more_often_than_delta():
    broken = given_ = 0
    for seed in range(150):
        found = certify(*drawn(500, seed), alpha=0.05, delta=0.1, seed=seed)
        if isinstance(found, Certificate):
            given_ += 1
            broken += risk_above(found.threshold) > 0.05
    assert given_ > 100
    assert broken / 150 <= 0.1


def test_the_same_seed_gives_the_same_certificate():
    scores, wrong = drawn(800, 3)
    assert certify(scores, wrong, alpha=0.05, seed=4) == certify(scores, wrong, alpha=0.05, seed=4)


@settings(max_examples=20)
@given(scale=st.floats(0.01, 1_000.0), shift=st.floats(-100, 100))
def test_only_the_order_of_scores_matters(scale, shift):
    scores, wrong = drawn(400, 7)
    one = certify(scores, wrong, alpha=0.1)
    other = certify(scores * scale + shift, wrong, alpha=0.1)
    assert (one.n, one.k, one.bound) == (other.n, other.k, other.bound)


def test_a_stricter_promise_answers_less():
    scores, wrong = drawn(2_000, 1)
    loose, strict = certify(scores, wrong, alpha=0.1), certify(scores, wrong, alpha=0.03)
    assert strict.threshold > loose.threshold
    assert strict.answer_rate < loose.answer_rate


def test_few_labels_are_not_enough_and_it_says_how_many_are():
    scores, wrong = drawn(60, 2)
    found = certify(scores, wrong, alpha=0.05)
    assert isinstance(found, NotCertifiable)
    assert 30 < found.labels_needed < 3_000


def test_the_forecast_of_labels_is_about_right():
    needed = [certify(*drawn(150, seed), alpha=0.05, seed=seed) for seed in range(25)]
    total = 150 + int(np.median([one.labels_needed for one in needed if isinstance(one, NotCertifiable)]))
    again = [certify(*drawn(total, 1_000 + seed), alpha=0.05, seed=seed) for seed in range(60)]
    assert 0.4 < np.mean([isinstance(one, Certificate) for one in again]) < 0.99


def test_where_every_threshold_is_too_bad_more_labels_do_not_help():
    rng = np.random.default_rng(0)
    found = certify(rng.random(500), rng.random(500) < 0.3, alpha=0.05)
    assert isinstance(found, NotCertifiable)
    assert found.labels_needed is None


@pytest.mark.parametrize("n", [0, 1, 3])
def test_next_to_nothing_is_not_certifiable(n):
    found = certify([0.5] * n, [False] * n, alpha=0.05)
    assert isinstance(found, NotCertifiable)
    assert 60 < found.labels_needed < 600


def test_equal_scores_are_answered_together():
    found = certify([0.7] * 300, [False] * 300, alpha=0.05)
    assert isinstance(found, Certificate)
    assert (found.threshold, found.answer_rate) == (0.7, 1.0)


def test_each_topic_has_its_own_promise_and_all_hold_together():
    scores, wrong = drawn(2_400, 9)
    wrong[1_600:] = True
    topics = ["a"] * 800 + ["b"] * 800 + ["hopeless"] * 800
    found = certify_each(scores, wrong, topics, alpha=0.05, delta=0.06)
    assert list(found) == ["a", "b", "hopeless"]
    assert isinstance(found["a"], Certificate)
    assert found["a"].delta == pytest.approx(0.02)
    assert isinstance(found["hopeless"], NotCertifiable)


@pytest.mark.parametrize(("scores", "wrong"), [([0.1, 0.2], [True]), ([float("nan")], [False])])
def test_what_cannot_be_ranked_is_refused(scores, wrong):
    with pytest.raises(ValueError, match="score"):
        certify(scores, wrong, alpha=0.05)
