"""Learning weights from judged candidates: found where there is something to learn, refused where there is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from answerable.lab.combiner import Candidates, train
from answerable.lab.folds import folds
from answerable.lab.helping import held_out, too_few

N, DEPTH, FEATURES = 40, 8, 4


def questions(*, signal: float, seed: int = 0, n: int = N) -> list[Candidates]:
    """The base is weakly right; feature 1 says the truth as strongly as `signal`; the others are noise."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(n):
        relevant = np.zeros(DEPTH, dtype=bool)
        relevant[random.integers(DEPTH)] = True
        table = random.random((DEPTH, FEATURES))
        table[:, 0] = 0.5 * table[:, 0] + 0.3 * relevant
        table[:, 1] = (1 - signal) * table[:, 1] + signal * relevant
        found.append(Candidates(id=f"q{number}", cluster=f"d{number % 20}", features=table, relevant=relevant))
    return found


def test_a_feature_that_tells_is_found_and_helps() -> None:
    found = train(questions(signal=0.6))
    assert found.held.helps
    assert found.held.after > found.held.before
    assert found.weights[1] > 0.2 > np.abs(found.weights[2:]).max()


def test_the_same_questions_give_the_same_weights() -> None:
    first, second = train(questions(signal=0.5)), train(questions(signal=0.5))
    assert (first.weights == second.weights).all()


def test_noise_is_refused() -> None:
    assert [train(questions(signal=0.0, seed=seed)).held.helps for seed in range(3)].count(True) <= 1


def test_labels_that_mean_nothing_are_refused() -> None:
    helped = 0
    for seed in range(3):
        random = np.random.default_rng(seed)
        shuffled = [
            replace(one, relevant=random.permutation(one.relevant)) for one in questions(signal=0.5, seed=seed)
        ]
        helped += train(shuffled).held.helps
    assert helped <= 1


def test_a_feature_that_never_differs_gets_no_weight() -> None:
    same = [
        replace(one, features=np.where(np.arange(FEATURES) == 3, 0.7, one.features))
        for one in questions(signal=0.5)
    ]
    assert train(same).weights[3] == 0.0


def test_ndcg_of_an_order_is_over_its_own_candidates() -> None:
    one = Candidates(
        id="q",
        cluster="d",
        features=np.array([[0.9, 0.0], [0.5, 0.0], [0.1, 1.0]]),
        relevant=np.array([False, False, True]),
    )
    assert one.ndcg(np.array([1.0, 0.0])) == pytest.approx(0.5)
    assert one.ndcg(np.array([1.0, 2.0])) == 1.0


def test_folds_keep_clusters_together_and_even() -> None:
    clusters = [f"c{number % 13}" for number in range(100)]
    part = folds(clusters, count=5, seed=3)
    for cluster in set(clusters):
        assert len({int(part[place]) for place, one in enumerate(clusters) if one == cluster}) == 1
    assert max(np.bincount(part)) - min(np.bincount(part)) <= 9
    assert (part == folds(clusters, count=5, seed=3)).all()


def test_too_few_pairs_say_how_many_more() -> None:
    assert too_few([f"d{n}" for n in range(12)]).startswith("12 usable pairs: about 18 more are needed")
    assert "5 documents" in too_few(["d1", "d2"] * 30)
    assert too_few([f"d{n % 5}" for n in range(30)]) == ""


def test_held_out_helps_only_with_an_interval_above_zero() -> None:
    clusters = [f"d{n}" for n in range(40)]
    assert held_out([0.4] * 40, [0.9] * 40, clusters).helps
    assert not held_out([0.5] * 40, [0.5] * 39 + [0.9], clusters).helps
    assert not held_out([0.9] * 40, [0.4] * 40, clusters).helps
