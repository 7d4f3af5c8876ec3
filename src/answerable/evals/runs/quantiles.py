"""Quantiles of what was measured, with an interval that assumes no distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from answerable.evals.stats.distributions import binomial_at_most


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """In the unit of the values. `low` or `high` None: so few values that nothing bounds it on that side."""

    value: float
    low: float | None
    high: float | None
    n: int


def quantile(values: Sequence[float], q: float, *, confidence: float = 0.95) -> Quantile | None:
    """The q-quantile, 0 < q < 1, between two order statistics; None for no values.

    P(X₍ᵣ₎ ≤ x_q) is binomial in n and q (David and Nagaraja 2003, Order Statistics, §7.1): the ranks are the
    innermost that leave at most half of 1 − confidence on each side.
    """
    if not values:
        return None
    ordered = sorted(values)
    n, side = len(ordered), (1.0 - confidence) / 2.0
    below = [binomial_at_most(k, n, q) for k in range(n)]  # P(at most k values are below the quantile)
    low = max((rank for rank in range(1, n + 1) if below[rank - 1] <= side), default=0)
    high = next((rank for rank in range(1, n + 1) if below[rank - 1] >= 1.0 - side), None)
    return Quantile(
        value=ordered[max(0, math.ceil(q * n) - 1)],
        low=ordered[low - 1] if low else None,
        high=ordered[high - 1] if high else None,
        n=n,
    )
