"""Capital that is bet against "the candidate is no worse": fair on all paths together, and kept between looks."""

import itertools
import json
import math
import random

import numpy as np
import pytest

from answerable.evals.stats.sequential import Plan, State, Unit, Word, bets, grown, mixed, rate_at_most


def units(n, *, stable=0.2, candidate=0.2, share=0.1, seed=1):
    rng = random.Random(seed)
    for _ in range(n):
        arm = rng.random() < share
        yield Unit(value=float(rng.random() < (candidate if arm else stable)), candidate=arm, share=share)


def capital(state):
    return [math.exp(float(mixed(side[row]))) for row, side in enumerate((state.worse, state.better))]


@pytest.mark.parametrize("share", [0.005, 0.5])
@pytest.mark.parametrize("center", [None, 0.0])
@pytest.mark.parametrize(("margin", "excess"), [(0.0, 0.0), (0.1, 0.1), (0.1, 0.0)])
def test_on_all_paths_together_nothing_is_won_where_the_candidate_is_within_the_margin(
    share, center, margin, excess
):
    """Every path of three units; the base rate moves with what came before, as an adversary would move it."""
    expected = 0.0
    steps = list(itertools.product((False, True), (0.0, 1.0)))
    start = State(plan=Plan(margin=margin, tolerated=margin, center=center))

    def walk(state, chance, left):
        nonlocal expected
        if not left:
            expected += chance * capital(state)[0]
            return
        base = 0.1 if sum(state.sums) > 0 else 0.6
        for arm, value in steps:
            bad = base + (excess if arm else 0.0)
            step = (share if arm else 1 - share) * (bad if value else 1 - bad)
            walk(state.after(Unit(value=value, candidate=arm, share=share)), chance * step, left - 1)

    walk(start, 1.0, 3)
    assert expected == pytest.approx(1.0, abs=1e-9) if excess == margin else expected < 1.0


def test_the_true_difference_stays_in_the_interval_at_all_looks_together():
    """The base rate drifts; left at any moment in at most 5 % of runs on either side."""
    rng, runs, n, needed = np.random.default_rng(5), 300, 400, math.log(20.0)
    for share in (0.1, 0.5):
        base = 0.3 + 0.2 * np.sin(np.arange(n) / 60.0)
        arm = rng.random((runs, n)) < share
        value = (rng.random((runs, n)) < np.where(arm, base + 0.05, base)).astype(float)
        before = np.cumsum(value, axis=1) - value
        center = (before + 0.5) / (np.arange(n) + 1.0)
        for bet in bets(value, arm, share, center, 0.05):
            left = (mixed(np.log(grown(bet)).cumsum(axis=1)) >= needed).any(axis=1)
            assert left.mean() <= 0.05
            assert left.any()  # and the bets are not idle


def test_the_interval_is_what_no_capital_speaks_against():
    state = State(plan=Plan(margin=0.05, tolerated=0.05)).after_all(units(600, candidate=0.45, share=0.3))
    verdict = state.verdict()
    assert verdict.interval.low >= 0.05
    assert verdict.evidence >= verdict.needed == 20.0
    assert verdict.difference in verdict.interval
    assert verdict.interval.confidence == pytest.approx(0.9)


def test_a_much_worse_candidate_is_rolled_back_a_better_one_kept_and_of_few_nothing_is_said():
    plan = Plan(margin=0.01, tolerated=0.03)
    assert State(plan=plan).after_all(units(1500, candidate=0.5)).verdict().word is Word.ROLL_BACK
    assert State(plan=plan).after_all(units(1500, stable=0.5, candidate=0.2)).verdict().word is Word.KEEP
    few = State(plan=plan).after_all(units(30)).verdict()
    assert (few.word, few.candidates + few.stables) == (Word.CANT_TELL, 30)
    nothing = State().verdict()
    assert (nothing.difference, nothing.interval.low, nothing.interval.high) == (None, -1.0, 1.0)
    assert nothing.evidence == pytest.approx(1.0)


def test_roll_back_stays_said_however_good_the_candidate_becomes():
    bad = State().after_all(units(800, candidate=0.6))
    later = bad.after_all(units(1200, stable=0.5, candidate=0.0, seed=2))
    assert bad.verdict().word is later.verdict().word is Word.ROLL_BACK
    assert later.verdict().evidence < later.verdict().highest


def test_one_by_one_all_at_once_and_from_what_was_kept_are_the_same():
    given = list(units(75, candidate=0.4, share=0.3))
    plan = Plan(alpha=0.025, margin=0.01, tolerated=0.03)
    at_once = State(plan=plan).after_all(given)
    kept = State.from_json(json.loads(json.dumps(State(plan=plan).after_all(given[:40]).as_json())))
    for unit in given[40:]:
        kept = kept.after(unit)
    assert kept.plan == at_once.plan
    assert kept.counts == at_once.counts
    assert kept.peaks == pytest.approx(at_once.peaks)
    assert kept.worse == pytest.approx(at_once.worse)
    assert kept.verdict().interval == at_once.verdict().interval


def test_extremes_leave_no_number_undefined():
    for value, share in itertools.product((0.0, 1.0), (0.005, 0.5)):
        state = State(plan=Plan(center=0.0)).after_all([Unit(value=value, candidate=True, share=share)] * 400)
        verdict = state.verdict()
        assert math.isfinite(verdict.evidence)
        assert (verdict.word is Word.ROLL_BACK) == (value == 1.0)


def test_what_cannot_be_compared_is_refused():
    for value, share in ((1.2, 0.1), (-0.1, 0.1), (0.5, 0.0), (0.5, 1.0), (math.nan, 0.1)):
        with pytest.raises(ValueError, match=r"is not in|leaves nothing"):
            Unit(value=value, candidate=True, share=share)
    for plan in ({"alpha": 0.0}, {"margin": -0.1}, {"margin": 0.1}, {"tolerated": 1.0}):
        with pytest.raises(ValueError, match=r"alpha|margin"):
            Plan(**plan)


def test_no_event_bounds_a_rate_from_above_at_every_number_of_persons():
    assert rate_at_most(0, 0, alpha=0.05) == 1.0
    assert rate_at_most(3, 3, alpha=0.05) == 1.0
    assert rate_at_most(0, 100, alpha=0.05) == pytest.approx(0.0733, abs=2e-4)
    rng = np.random.default_rng(3)
    hits = np.cumsum(rng.random((300, 200)) < 0.05, axis=1)
    below = [any(rate_at_most(int(run[n - 1]), n, alpha=0.1) < 0.05 for n in range(20, 201, 20)) for run in hits]
    assert np.mean(below) <= 0.1
