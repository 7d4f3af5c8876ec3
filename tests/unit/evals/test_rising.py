"""Evidence that a share rose: quiet while it has not, soon where it has, and begun anew when it is lost."""

from __future__ import annotations

import math
import random

import pytest

from answerable.evals.stats.rising import Rising, looks_for


def looks_until(
    share: float, most: float, needed: float, *, n: int = 10, longest: int = 2000, seed: int = 1
) -> int | None:
    chance, rising = random.Random(seed), Rising()
    for look in range(1, longest + 1):
        rising = rising.after(n, sum(chance.random() < share for _ in range(n)), most=most, at=float(look))
        if rising.log_evidence >= needed:
            return look
    return None


def test_the_mean_time_to_a_false_alarm_is_at_least_what_is_promised():
    needed = math.log(50.0)
    found = [looks_until(0.1, 0.1, needed, longest=200, seed=seed) or 200 for seed in range(60)]
    assert sum(found) / len(found) >= 50.0


def test_a_large_change_takes_few_units_and_a_small_one_more():
    needed = looks_for(false_alarms=1.0, looks=43_200, tests=24)
    large, small = looks_until(0.5, 0.1, needed), looks_until(0.2, 0.1, needed)
    assert large is not None and large <= 6
    assert small is not None and large < small <= 60


def test_the_order_inside_of_a_batch_does_not_matter_and_what_is_lost_begins_anew():
    whole = Rising().after(10, 4, most=0.1, at=1.0)
    assert whole.leading.n == 10 and whole.leading.since == 1.0
    lost = Rising().after(100, 0, most=0.1, at=1.0)
    assert lost.is_quiet
    again = lost.after(10, 4, most=0.1, at=2.0)
    assert (again.leading.since, again.leading.n, again.leading.bad) == (2.0, 10, 4)
    assert again.log_evidence == pytest.approx(whole.log_evidence)
    assert Rising.from_json(again.as_json()) == again
    assert Rising.from_json([]) == Rising()


@pytest.mark.parametrize(("n", "bad", "most"), [(1, 2, 0.1), (-1, 0, 0.1), (1, 1, 0.0), (1, 1, 1.0)])
def test_what_is_no_count_or_share_is_refused(n, bad, most):
    with pytest.raises(ValueError, match=r"no counts|not between"):
        Rising().after(n, bad, most=most, at=0.0)
