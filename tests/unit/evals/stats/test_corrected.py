"""A judge's rate corrected by people."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.evals.stats.corrected import corrected_rate, human_only, ppi, rogan_gladen
from answerable.evals.stats.proportions import wilson


def world(n: int, base: float, se: float, sp: float, rng: np.random.Generator):
    """People's words and a judge's."""
    people = rng.random(n) < base
    return people, np.where(people, rng.random(n) < se, rng.random(n) >= sp)


def pairs_of(people, judge) -> list[tuple[bool, bool]]:
    return list(zip(judge.tolist(), people.tolist(), strict=True))


@given(k=st.integers(0, 60), rest=st.integers(0, 60))
def test_people_alone_are_wilsons(k, rest):
    if k + rest:
        found = human_only([True] * k + [False] * rest)
        assert found.value == pytest.approx(k / (k + rest))
        expected = wilson(k, k + rest)
        assert (found.interval.low, found.interval.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_equal_probabilities_change_nothing():
    human = [True] * 30 + [False] * 10
    assert human_only(human, probabilities=[0.2] * 40).interval == human_only(human).interval


def test_weights_undo_what_the_sampling_did():
    """Items the judge doubts are drawn four times as often: unweighted, the rate is 13 points too low."""
    rng = np.random.default_rng(2)
    held, plain = [], []
    for _ in range(150):
        people, judge = world(3_000, 0.9, 0.95, 0.7, rng)
        chance = np.where(judge, 1.0, 4.0)
        chance *= 300 / chance.sum()
        drawn = rng.random(3_000) < chance
        corrected = ppi(people[drawn], judge[drawn], judge, probabilities=chance[drawn])
        weighted = human_only(people[drawn], probabilities=chance[drawn])
        held.append([0.9 in corrected.interval, 0.9 in weighted.interval, weighted.value])
        plain.append(human_only(people[drawn]).value)
    assert np.mean(held, axis=0)[:2].min() > 0.89
    assert np.mean(held, axis=0)[2] == pytest.approx(0.9, abs=0.01)
    assert np.mean(plain) < 0.8


def test_the_judge_makes_the_interval_narrower_and_its_bias_does_not_show():
    rng = np.random.default_rng(5)
    people, judge = world(400, 0.8, 0.9, 0.9, rng)
    _, every = world(5_000, 0.8, 0.9, 0.9, rng)
    found = ppi(people, judge, every)
    assert abs(every.mean() - 0.8) > 0.04  # what the judge alone would say
    assert 0.8 in found.interval
    assert found.interval.width < 0.8 * human_only(people.tolist()).interval.width


def test_a_judge_that_knows_nothing_is_not_followed():
    rng = np.random.default_rng(6)
    people = rng.random(400) < 0.8
    judge, every = rng.random(400) < 0.5, rng.random(4_000) < 0.9
    found, alone = ppi(people, judge, every), human_only(people.tolist())
    assert found.value == pytest.approx(alone.value, abs=0.02)
    assert found.interval.width >= 0.99 * alone.interval.width


def test_a_constant_judge_and_a_unanimous_sample_do_not_break():
    found = ppi([True] * 200, [1.0] * 200, [1.0] * 1_000)
    assert found.value == 1.0
    assert found.interval.low < 0.995


def test_a_perfect_judge_in_the_sample_is_not_taken_for_perfect():
    human = [True] * 160 + [False] * 40
    found = ppi(human, human, [True] * 8_000 + [False] * 2_000)
    assert found.interval.width > wilson(8_000, 10_000).width


def test_rogan_and_gladen_undo_the_judges_errors():
    pairs = [(True, True)] * 90 + [(False, True)] * 10 + [(False, False)] * 80 + [(True, False)] * 20
    found = rogan_gladen(6_900, 10_000, pairs)  # 0.7 · 0.9 + 0.3 · 0.2 = 0.69
    assert found.value == pytest.approx(0.7, abs=0.02)
    assert 0.7 in found.interval
    assert found.n == 200


def test_a_small_judged_set_and_few_labels_both_widen_it():
    def pairs(times):
        return ([(True, True)] * 9 + [(False, True)] + [(False, False)] * 9 + [(True, False)]) * times

    base = rogan_gladen(1_400, 2_000, pairs(20)).interval.width
    assert rogan_gladen(140, 200, pairs(20)).interval.width > 1.3 * base
    assert rogan_gladen(1_400, 2_000, pairs(4)).interval.width > 1.3 * base


def test_a_judge_no_better_than_chance_says_nothing():
    coin = [(True, True), (False, True), (True, False), (False, False)] * 20
    found = rogan_gladen(700, 1_000, coin)
    assert (found.interval.low, found.interval.high) == (0.0, 1.0)


@given(
    yes=st.integers(0, 500),
    cells=st.lists(st.integers(0, 60), min_size=4, max_size=4).filter(sum),
)
def test_every_estimate_is_a_rate_within_its_interval(yes, cells):
    kinds = ((True, True), (False, True), (True, False), (False, False))
    pairs = [kind for kind, count in zip(kinds, cells, strict=True) for _ in range(count)]
    judged = [True] * yes + [False] * (500 - yes)
    human, judge = [person for _, person in pairs], [said for said, _ in pairs]
    for found in (human_only(human), ppi(human, judge, judged), rogan_gladen(yes, 500, pairs)):
        assert 0.0 <= found.interval.low <= found.value <= found.interval.high <= 1.0


def test_the_rule_chooses_and_says_why():
    rng = np.random.default_rng(1)
    people, judge = world(300, 0.8, 0.95, 0.9, rng)
    every = world(2_000, 0.8, 0.95, 0.9, rng)[1].tolist()
    pairs = pairs_of(people, judge)
    few = corrected_rate(pairs[:100], every, shifted=False)
    assert (few.estimate.method, few.why) == ("human sample, Wilson", "100 labels, fewer than 200")
    many = corrected_rate(pairs, every, shifted=False)
    assert many.estimate.method == "PPI++"
    assert "300 labels" in many.why
    assert corrected_rate(pairs, every, shifted=True).estimate.method == "Rogan-Gladen"
    assert corrected_rate(pairs, []).estimate.method == "human sample, Wilson"


def test_a_shift_of_the_judges_own_rate_is_noticed():
    rng = np.random.default_rng(1)
    pairs = pairs_of(*world(300, 0.6, 0.95, 0.9, rng))
    now = world(2_000, 0.9, 0.95, 0.9, rng)[1].tolist()
    found = corrected_rate(pairs, now)
    assert found.estimate.method == "Rogan-Gladen"
    assert 0.9 in found.estimate.interval
    drawn = corrected_rate(pairs, now, probabilities=[0.1] * 300)  # drawn from these very items: weights settle it
    assert drawn.estimate.method == "PPI++"


@pytest.mark.parametrize("chances", [[0.5], [0.5, 0.0], [0.5, -1.0]])
def test_labels_without_a_probability_are_refused(chances):
    with pytest.raises(ValueError, match="probability"):
        human_only([True, False], probabilities=chances)


def test_no_labels_are_no_estimate():
    with pytest.raises(ValueError, match="no labels"):
        corrected_rate([], [True] * 1_000)
