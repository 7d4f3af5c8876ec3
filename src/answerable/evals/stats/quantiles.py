"""A quantile of skewed values, as of latencies, with an interval whose ends are two of the values themselves."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

from answerable.evals.stats.distributions import binomial_at_most
from answerable.evals.stats.estimate import Estimate, Interval

__all__ = ["quantile_interval"]


def quantile_interval(values: Sequence[float], share: float, *, confidence: float = 0.95) -> Estimate | None:
    """The least value that `share` of all do not exceed (0.95: p95), in the values' unit; None without values.

    The interval holds for any distribution and covers at least what it says (David and Nagaraja 2003, Order
    Statistics, section 7.1). An end is infinite where there are too few values: the upper one of p95 wants 72.
    """
    n = len(values)
    if not n:
        return None
    ordered = [-math.inf, *sorted(values), math.inf]
    tail = (1.0 - confidence) / 2.0
    # the number of values below the quantile is binomial; at least `low` and fewer than `high` are, but for a tail
    low = bisect_left(range(n), True, key=lambda k: binomial_at_most(k, n, share) > tail)
    high = 1 + bisect_left(range(n), True, key=lambda k: binomial_at_most(k, n, share) >= 1.0 - tail)
    interval = Interval(low=ordered[low], high=ordered[high], confidence=confidence)
    value = ordered[max(1, math.ceil(share * n - 1e-9))]
    return Estimate(value=value, interval=interval, n=n, method="order statistics")
