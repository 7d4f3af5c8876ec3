"""One proportion: k of n, with an interval that keeps its promise at small n and at k = 0.

Wilson is for showing, the exact ones are for gates and zero counts. The normal approximation is nowhere: below a
few hundred it covers far less than it says.
"""

from __future__ import annotations

import math

from answerable.evals.stats.distributions import beta_quantile, binomial_at_most, normal_quantile
from answerable.evals.stats.estimate import Interval

__all__ = ["Interval", "certifiable_at", "exact", "lower_bound", "upper_bound", "wilson"]


def wilson(k: float, n: float, *, confidence: float = 0.95) -> Interval:
    """Wilson's score interval for k successes in n trials (Wilson 1927, JASA 22:209).

    k and n may be fractions: the effective counts of a weighted sample. n = 0 says nothing: 0 to 1.
    """
    if n <= 0:
        return Interval(low=0.0, high=1.0, confidence=confidence)
    z2 = normal_quantile((1.0 + confidence) / 2.0) ** 2
    center = (k + z2 / 2.0) / (n + z2)
    half = math.sqrt(z2) / (n + z2) * math.sqrt(max(0.0, k * (n - k) / n + z2 / 4.0))
    low = 0.0 if k <= 0 else max(0.0, center - half)  # exactly 0 and 1 there, not to the last digit but one
    high = 1.0 if k >= n else min(1.0, center + half)
    return Interval(low=low, high=high, confidence=confidence)


def exact(k: int, n: int, *, confidence: float = 0.95) -> Interval:
    """Clopper and Pearson's interval (1934, Biometrika 26:404): covers at least what it says, at any n."""
    side = (1.0 + confidence) / 2.0
    return Interval(
        low=lower_bound(k, n, confidence=side), high=upper_bound(k, n, confidence=side), confidence=confidence
    )


def upper_bound(k: int, n: int, *, confidence: float) -> float:
    """The exact one-sided upper bound: 0 of 60 at 0.95 is 4.9 %. n = 0: 1."""
    return 1.0 if k >= n else beta_quantile(confidence, k + 1, n - k)


def lower_bound(k: int, n: int, *, confidence: float) -> float:
    """The exact one-sided lower bound. n = 0: 0."""
    return 0.0 if k <= 0 else beta_quantile(1.0 - confidence, k, n - k + 1)


def certifiable_at(k: int, *, alpha: float, confidence: float = 0.95) -> int:
    """The least n at which k errors prove a rate of at most alpha: 0 errors at 5 % want 59 items."""
    low, high = k, max(1, k)
    while binomial_at_most(k, high, alpha) > 1.0 - confidence:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if binomial_at_most(k, middle, alpha) > 1.0 - confidence:
            low = middle
        else:
            high = middle
    return high
