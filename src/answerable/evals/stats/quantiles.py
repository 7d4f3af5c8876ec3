"""A quantile of skewed values, as of latencies, with an interval whose ends are two of the values themselves."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import accumulate

from answerable.evals.stats.distributions import binomial_at_most
from answerable.evals.stats.estimate import Estimate, Interval

__all__ = ["binned_quantile", "quantile_interval", "rank_bounds"]


def quantile_interval(values: Sequence[float], share: float, *, confidence: float = 0.95) -> Estimate | None:
    """The least value that `share` of all do not exceed (0.95: p95), in the values' unit; None without values.

    The interval holds for any distribution and covers at least what it says (David and Nagaraja 2003, Order
    Statistics, section 7.1). An end is infinite where there are too few values: the upper one of p95 wants 72.
    """
    n = len(values)
    if not n:
        return None
    ordered = sorted(values)
    low, high = rank_bounds(n, share, confidence=confidence)
    interval = Interval(
        low=ordered[low - 1] if low else -math.inf,
        high=ordered[high - 1] if high else math.inf,
        confidence=confidence,
    )
    value = ordered[max(1, math.ceil(share * n - 1e-9)) - 1]
    return Estimate(value=value, interval=interval, n=n, method="order statistics")


def binned_quantile(counts: Mapping[float, int], share: float, *, confidence: float = 0.95) -> Estimate | None:
    """The same of values of which only the bin is known: `counts` by the value that stands for the bin."""
    values = sorted(one for one, count in counts.items() if count > 0)
    ends = list(accumulate(counts[one] for one in values))
    if not ends:
        return None
    n = ends[-1]
    low, high = rank_bounds(n, share, confidence=confidence)
    interval = Interval(
        low=values[bisect_left(ends, low)] if low else -math.inf,
        high=values[bisect_left(ends, high)] if high else math.inf,
        confidence=confidence,
    )
    value = values[bisect_left(ends, max(1, math.ceil(share * n - 1e-9)))]
    return Estimate(value=value, interval=interval, n=n, method="order statistics of bins")


def rank_bounds(n: int, share: float, *, confidence: float = 0.95) -> tuple[int | None, int | None]:
    """The 1-based ranks, of n > 0 values, that enclose the quantile; None for an end that n cannot bound.

    The number of values below the quantile is binomial; the ranks are the innermost that leave at most half of
    1 − confidence on each side.
    """
    tail = (1.0 - confidence) / 2.0
    low = bisect_left(range(n), True, key=lambda k: binomial_at_most(k, n, share) > tail)
    high = 1 + bisect_left(range(n), True, key=lambda k: binomial_at_most(k, n, share) >= 1.0 - tail)
    return low or None, high if high <= n else None
