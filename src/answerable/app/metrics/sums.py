"""Counts of a row, by counter: how many, their sum, by bin of their size, and by day."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from answerable.adapters.postgres.tallies import BIN_RATIO, ZERO_BIN
from answerable.evals.stats.distributions import t_quantile
from answerable.evals.stats.estimate import Estimate, Interval
from answerable.evals.stats.means import mean_of_blocks
from answerable.evals.stats.quantiles import binned_quantile

LEAST_DAYS = 5  # below it a mean's interval is by items, not by days
Key = tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Sums:
    """What was counted; a counter that did not occur is 0."""

    counts: dict[str, int] = field(default_factory=dict)
    totals: dict[str, float] = field(default_factory=dict)
    bins: dict[str, dict[int, int]] = field(default_factory=dict)
    days: dict[str, dict[date, tuple[int, float]]] = field(default_factory=dict)

    def n(self, *counters: str) -> int:
        """How many, all of them together."""
        return sum(self.counts.get(one, 0) for one in counters)

    def total(self, counter: str) -> float:
        """The sum of what was counted."""
        return self.totals.get(counter, 0.0)

    def quantile(self, counter: str, share: float, *, scale: float = 1.0) -> Estimate | None:
        """Of sizes, good to half of a bin."""
        sizes = {scale * size_of(bin_): count for bin_, count in self.bins.get(counter, {}).items()}
        return binned_quantile(sizes, share)

    def mean(self, counter: str, squares: str = "") -> Estimate | None:
        """Of what a daily counter counted, its interval by days.

        With fewer than LEAST_DAYS days by items, Student's, from the sum of the squares where that was counted.
        """
        days = self.days.get(counter, {})
        found = mean_of_blocks([total for _, total in days.values()], [n for n, _ in days.values()])
        if found is None or len(days) >= LEAST_DAYS:
            return found
        error = math.inf
        if squares and found.n > 1:
            spread = max(0.0, self.total(squares) / found.n - found.value**2) * found.n / (found.n - 1)
            error = t_quantile(0.975, found.n - 1) * math.sqrt(spread / found.n)
        interval = Interval(low=found.value - error, high=found.value + error, confidence=0.95)
        return Estimate(value=found.value, interval=interval, n=found.n, method="Student's t")

    def add(self, row: Mapping[str, Any]) -> None:
        """One row of `PostgresTallies.sums`."""
        name, n, total = row["counter"], int(row["n"]), float(row["total"])
        self.counts[name] = self.counts.get(name, 0) + n
        self.totals[name] = self.totals.get(name, 0.0) + total
        bins = self.bins.setdefault(name, {})
        bins[row["bin"]] = bins.get(row["bin"], 0) + n
        if row["of_day"] is not None:
            self.days.setdefault(name, {})[row["of_day"]] = (n, total)


def size_of(bin_: int) -> float:
    """The value that stands for a bin: the middle of its ends, as ratios go."""
    return 0.0 if bin_ == ZERO_BIN else float(BIN_RATIO ** (bin_ + 0.5))


def sums_by_key(rows: Sequence[Mapping[str, Any]], by: Sequence[str]) -> dict[Key, Sums]:
    """By the values of `by`, in rising order."""
    found: dict[Key, Sums] = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in by), Sums()).add(row)
    return dict(sorted(found.items()))
