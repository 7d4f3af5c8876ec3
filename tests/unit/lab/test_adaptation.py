"""Learning a change of an embedding: its gradient, what it can learn, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from answerable.lab import adaptation
from answerable.lab.adaptation import TEMPERATURE, Change, Pairing, adapt, fit

DIM, N = 12, 40


def unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def pairing(*, turned: bool, seed: int = 0) -> Pairing:
    """Questions near their passage; with `turned` all of them are off in one common direction."""
    random = np.random.default_rng(seed)
    passages = unit(random.standard_normal((N, DIM)))
    off = np.zeros(DIM)
    off[0] = 2.0 if turned else 0.0
    queries = unit(passages + off + 0.25 * random.standard_normal((N, DIM)))
    return Pairing(
        queries=queries,
        passages=passages,
        gold=np.eye(N, dtype=bool),
        clusters=tuple(f"d{n % 10}" for n in range(N)),
    )


def ranks(data: Pairing, *, both: bool = False) -> adaptation.Measure:
    def measure(change: Change, rows: NDArray[np.int64]) -> list[float]:
        passages = change.apply(data.passages) if both else data.passages
        scores = change.apply(data.queries[rows]) @ passages.T
        own = scores[np.arange(len(rows)), rows]
        return [float(one) for one in 1.0 / (1 + (scores > own[:, None]).sum(axis=1))]

    return measure


def loss(data: Pairing, left: NDArray[np.float64], right: NDArray[np.float64], *, both: bool) -> float:
    def moved(rows: NDArray[np.float32]) -> NDArray[np.float64]:
        found = rows.astype(np.float64) @ (np.eye(DIM) + left @ right.T)
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))

    scores = moved(data.queries) @ (moved(data.passages) if both else data.passages).T / TEMPERATURE
    every = np.log(np.exp(scores).sum(axis=1))
    gold = np.log((np.exp(scores) * data.gold).sum(axis=1))
    return float((every - gold).mean())


@pytest.mark.parametrize("both", [False, True])
def test_the_gradient_is_the_losss(both: bool) -> None:
    data, random = pairing(turned=True), np.random.default_rng(1)
    left, right = (0.2 * random.standard_normal((DIM, 3)) for _ in range(2))
    slopes = adaptation._slopes(data, left.astype(np.float32), right.astype(np.float32), both=both)
    for place, parameter in enumerate((left, right)):
        step = np.zeros_like(parameter)
        step[4, 1] = 1e-5
        up = loss(data, left + step * (place == 0), right + step * (place == 1), both=both)
        down = loss(data, left - step * (place == 0), right - step * (place == 1), both=both)
        assert slopes[place][4, 1] == pytest.approx((up - down) / 2e-5, rel=2e-2, abs=2e-3)


@pytest.mark.parametrize("both", [False, True])
def test_a_common_error_of_all_questions_is_learned(both: bool) -> None:
    data = pairing(turned=True)
    found = adapt(data, ranks(data, both=both), both=both, rank=4)
    assert found.held.after > found.held.before + 0.1 or both
    assert found.held.helps or both


def test_pairs_that_say_nothing_are_refused() -> None:
    refused = 0
    for seed in range(3):
        data = pairing(turned=False, seed=seed)
        shuffled = Pairing(
            queries=data.queries[np.random.default_rng(seed).permutation(N)],
            passages=data.passages,
            gold=data.gold,
            clusters=data.clusters,
        )
        refused += not adapt(shuffled, ranks(shuffled), both=False, rank=4).held.helps
    assert refused >= 2


def test_the_same_pairs_give_the_same_change() -> None:
    data = pairing(turned=True)
    first, second = (fit(data, strength=0.1, both=True, seed=5) for _ in range(2))
    assert (first.left == second.left).all()
    assert (first.right == second.right).all()


def test_strong_regularization_leaves_things_as_they_are() -> None:
    data = pairing(turned=True)
    change = fit(data, strength=100.0, both=False)
    assert np.abs(change.apply(data.queries) - data.queries).max() < 0.05


def test_no_change_is_the_identity_and_every_change_keeps_unit_length() -> None:
    data = pairing(turned=True)
    assert Change.none(DIM).apply(data.queries) == pytest.approx(data.queries, abs=1e-6)
    lengths = np.linalg.norm(fit(data, strength=0.01, both=False).apply(data.queries), axis=1)
    assert lengths == pytest.approx(np.ones(N), abs=1e-5)


def test_held_out_gold_is_not_shown_to_the_learner() -> None:
    data = pairing(turned=False)
    seen = data.of(np.arange(10))
    assert seen.passages.shape == (10, DIM)
    assert seen.gold.sum() == 10
