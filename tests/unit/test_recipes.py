"""A metric's recipe names every count that its numbers are made of: what is not named is read as 0."""

from __future__ import annotations

from datetime import date

import pytest

from answerable.app.metrics.sums import Sums
from answerable.app.metrics.tallied import _OF_TASKS, RECIPES
from answerable.evals.stats.estimate import Estimate


class Noted(Sums):
    """Sums that remember what they were asked for; everything occurs five times."""

    asked: set[str]

    def n(self, *counters: str) -> int:
        self.asked |= set(counters)
        return 5 * len(counters)

    def total(self, counter: str) -> float:
        self.asked.add(counter)
        return 1.0

    def mean(self, counter: str, squares: str = "") -> Estimate | None:
        self.asked.add(counter)
        return None


@pytest.mark.parametrize("name", sorted(_OF_TASKS))
def test_a_metric_reads_only_what_its_recipe_brings(name: str) -> None:
    sums = Noted(days={"task": {date(2026, 11, 1): (5, 5.0)}})
    sums.asked = set()
    _OF_TASKS[name](sums, [])
    recipe = RECIPES[name]
    brought = {*recipe.counters, *recipe.daily, recipe.n}
    assert {one for one in sums.asked if not one.startswith("cohort.")} <= brought
