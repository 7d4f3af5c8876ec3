"""Replies that stay as they were are never told of; those that move are, within a run or two."""

from __future__ import annotations

import numpy as np

from answerable.evals.stats.exchange import moved

NAMES = [f"case-{n}" for n in range(12)]
LIMIT = 30.0 * 17


def runs(count: int, *, moved_at: int | None = None, seed: int = 3) -> list[dict[str, float]]:
    """Distances of replies that differ a little each time, and by more from `moved_at` on."""
    rng = np.random.default_rng(seed)
    return [
        {
            name: float(rng.lognormal(-3, 0.3)) + (0.2 if moved_at is not None and n >= moved_at else 0)
            for name in NAMES
        }
        for n in range(count)
    ]


def test_a_swapped_model_is_told_of_within_three_runs() -> None:
    (found,) = moved(runs(20, moved_at=14), runs_to_false_alarm=LIMIT)
    assert (found.start, found.found <= 16) == (14, True)


def test_noise_is_not_told_of() -> None:
    assert moved(runs(60), runs_to_false_alarm=LIMIT) == []


def test_a_model_that_always_says_the_same_is_not_told_of() -> None:
    assert moved([dict.fromkeys(NAMES, 0.0)] * 60, runs_to_false_alarm=LIMIT) == []


def test_after_a_change_the_new_replies_are_the_past() -> None:
    assert len(moved(runs(60, moved_at=20), runs_to_false_alarm=LIMIT)) == 1


def test_a_case_without_a_past_is_not_bet_on() -> None:
    late = [one | ({f"new-{n}": 9.0 for n in range(20)} if at == 9 else {}) for at, one in enumerate(runs(10))]
    assert moved(late, runs_to_false_alarm=LIMIT) == []
