"""The four words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.evals.stats.estimate import Interval
from answerable.evals.stats.paired import Difference
from answerable.evals.stats.verdict import Change, judge_change


def found(mean: float, low: float, high: float) -> Difference:
    return Difference(mean=mean, interval=Interval(low=low, high=high, confidence=0.95), p=0.5, n=100, clusters=50)


@pytest.mark.parametrize(
    ("mean", "low", "high", "p", "word"),
    [
        (0.06, 0.01, 0.11, 0.01, Change.BETTER),
        (-0.06, -0.11, -0.01, 0.01, Change.WORSE),
        (-0.06, -0.11, -0.01, 0.06, Change.CANT_TELL),  # no longer significant after Holm
        (-0.06, -0.13, 0.01, 0.09, Change.CANT_TELL),
        (0.005, -0.01, 0.018, 0.4, Change.SAME),
        (0.012, 0.004, 0.019, 0.001, Change.SAME),  # proven, and proven too small to matter
        (0.015, 0.001, 0.03, 0.02, Change.CANT_TELL),  # proven, but maybe too small to matter
        (0.0, -0.05, 0.05, 1.0, Change.CANT_TELL),  # nothing seen in too few cases is not the same
    ],
)
def test_the_rule(mean, low, high, p, word):
    assert judge_change(found(mean, low, high), margin=0.02, p=p, alpha=0.05) is word


def test_the_word_is_written_as_people_say_it():
    assert [one.value for one in Change] == ["better", "worse", "same", "can't tell"]


@given(mean=st.floats(-0.5, 0.5), half=st.floats(0.0, 0.5), margin=st.floats(0, 0.1), p=st.floats(0, 1))
def test_turning_the_comparison_around_turns_the_word_around(mean, half, margin, p):
    there = judge_change(found(mean, mean - half, mean + half), margin=margin, p=p, alpha=0.05)
    back = judge_change(found(-mean, -mean - half, -mean + half), margin=margin, p=p, alpha=0.05)
    turned = {Change.BETTER: Change.WORSE, Change.WORSE: Change.BETTER}
    if margin > 0 or mean != 0:
        assert back is turned.get(there, there)
