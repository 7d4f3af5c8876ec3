"""The chance of completion: rules, then a model fitted to what people said."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.monitor.calibration import brier, isotonic, reliability
from answerable.monitor.completion import Signs, signs_of
from answerable.monitor.completion_model import FEATURES, CompletionModel, Labeled, features, fit
from answerable.monitor.score import rule_score
from answerable.monitor.turns import fold
from tests.unit.monitor.told import Log


def signs(**said) -> Signs:
    log = Log().turn("1", 0, outcome=said.get("outcome", "answered"), claims=said.get("claims", (2, 2)))
    for number in range(said.get("rephrases", 0)):
        log.turn(f"r{number}", 60 + number, follow_up="rephrase")
    if value := said.get("vote"):
        log.tell("feedback.given", 500, answer="an-1", props={"value": value})
    return signs_of(fold(log.events).turns)


def test_the_rules_put_what_went_well_before_what_went_badly():
    liked, quiet = signs(vote="up"), signs()
    asked_again, disliked, declined = signs(rephrases=1), signs(vote="down"), signs(outcome="abstained")
    scores = [rule_score(one) for one in (liked, quiet, asked_again, disliked, declined)]

    assert scores == sorted(scores, reverse=True)
    assert rule_score(quiet) >= 0.8 > rule_score(signs(claims=(3, 2)))
    assert all(0.0 < one < 1.0 for one in scores)


def judged(count: int, *, seed: int = 1) -> list[Labeled]:
    """Tasks of which the truth depends on support and on being asked again, as the rules do not weigh it."""
    chance = random.Random(seed)
    kinds = [
        (signs(), 0.9),
        (signs(claims=(3, 2)), 0.2),
        (signs(rephrases=1), 0.7),
        (signs(rephrases=2), 0.6),
        (signs(outcome="abstained"), 0.05),
    ]
    drawn = [chance.choice(kinds) for _ in range(count)]
    return [Labeled(signs=one, completed=chance.random() < likely) for one, likely in drawn]


def test_a_model_fitted_to_what_people_said_is_nearer_the_truth_than_the_rules():
    found = fit(judged(600))

    assert found.better
    assert found.brier < found.brier_rule - 0.02
    assert found.model(signs()) == pytest.approx(0.9, abs=0.08)
    assert found.model(signs(claims=(3, 2))) == pytest.approx(0.2, abs=0.08)
    assert all(abs(one.estimated - one.observed) < 0.12 for one in found.bins)
    assert sum(one.n for one in found.bins) == found.labels == 600


def test_where_labels_are_noise_the_rules_stay_or_the_model_says_the_mean():
    chance = random.Random(3)
    noise = [Labeled(signs=one.signs, completed=chance.random() < 0.5) for one in judged(300)]
    found = fit(noise)

    assert found.brier == pytest.approx(0.25, abs=0.03)


def test_a_model_is_kept_and_read_back():
    model = fit(judged(300)).model
    props = model.as_props()

    assert all(len(one) <= 100 for one in props.values())
    assert CompletionModel.of(props)(signs()) == pytest.approx(model(signs()), abs=1e-4)
    assert CompletionModel.of({"weights": {"bias": 0.0, "unknown": 9.0}})(signs()) == 0.5


def test_labels_that_all_say_the_same_fit_nothing():
    with pytest.raises(ValueError, match="alike"):
        fit([Labeled(signs=signs(), completed=True)] * 20)


def test_every_feature_has_a_name():
    assert features(signs()).shape == (len(FEATURES),)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_calibrated_chances_never_fall_and_keep_the_mean(pairs):
    scores = np.array([score for score, _ in pairs])
    outcomes = np.array([float(yes) for _, yes in pairs])
    steps = isotonic(scores, outcomes, np.ones(len(pairs)))

    assert list(steps.values) == sorted(steps.values)
    assert all(0.0 <= steps(one) <= 1.0 for one in (-1.0, 0.0, 0.5, 1.0, 2.0))


def test_scores_of_probabilities():
    assert brier(np.array([1.0, 0.0]), np.array([1.0, 1.0]), np.array([1.0, 3.0])) == pytest.approx(0.75)
    low, high = reliability(np.array([0.1, 0.2, 0.8, 0.9]), np.array([0.0, 0.0, 1.0, 1.0]), bins=2)
    assert (low.n, low.observed, high.observed) == (2, 0.0, 1.0)
