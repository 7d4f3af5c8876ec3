"""A change of a level is found where it is, and none is where there is only noise and season."""

from __future__ import annotations

import numpy as np
import pytest

from answerable.evals.stats.changes import PER_DAY, Block, Sensing, changes

LIMITS = Sensing(blocks_to_false_alarm=30 * PER_DAY * 17)


def blocks(
    rates: list[float], *, n: int = 100, seed: int = 1, weekend: float = 0.0, bursts: bool = False
) -> list[Block]:
    """Binomial blocks of one answer a person; with `bursts` the answers of a block are of few persons."""
    rng = np.random.default_rng(seed)
    found = []
    for place, rate in enumerate(rates):
        day, slot = divmod(place, PER_DAY)
        x = int(rng.binomial(n, rate + (weekend if day % 7 >= 5 else 0.0)))
        alike = n if bursts else 1
        found.append(
            Block(day=day, slot=slot, n=n, total=x, nn=float(n * alike), nx=float(x * alike), xx=float(x * alike))
        )
    return found


def test_a_rise_is_found_with_the_time_at_which_it_began() -> None:
    start = 14 * PER_DAY
    (found,) = changes(blocks([0.1] * start + [0.2] * start), LIMITS)
    assert found.earliest <= start <= found.latest
    assert found.found - start < 2 * PER_DAY
    assert found.before == pytest.approx(0.1, abs=0.02)
    assert found.low > 0.0


def test_there_and_back_are_two_changes_and_each_is_told_once() -> None:
    week = 7 * PER_DAY
    first, second = changes(blocks([0.1] * 2 * week + [0.25] * week + [0.1] * week), LIMITS)
    assert (first.after > first.before, second.after < second.before) == (True, True)
    assert second.earliest <= 3 * week <= second.latest


def test_noise_and_a_weekend_are_no_change() -> None:
    assert changes(blocks([0.1] * 28 * PER_DAY, weekend=0.04), LIMITS) == []


def test_nothing_is_said_before_three_days_are_over() -> None:
    assert changes(blocks([0.1] * 6 + [0.9] * 5), LIMITS) == []


def test_where_few_persons_ask_it_takes_more_to_be_a_change() -> None:
    rates = [0.1] * 14 * PER_DAY + [0.2] * 4 * PER_DAY
    assert changes(blocks(rates), LIMITS)
    assert changes(blocks(rates, bursts=True), LIMITS) == []


def test_at_a_break_a_new_level_begins_without_a_word() -> None:
    start = 10 * PER_DAY
    assert changes(blocks([0.1] * start + [0.3] * start), LIMITS, breaks=[start]) == []


def test_blocks_in_which_nobody_asked_are_no_news() -> None:
    silent = [Block(day=n, slot=0, n=0, total=0.0, nn=0.0, nx=0.0, xx=0.0) for n in range(60)]
    assert changes(silent, LIMITS) == []
