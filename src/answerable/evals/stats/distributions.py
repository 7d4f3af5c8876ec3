"""Tails and quantiles of the normal, binomial, beta and t distributions, from log-gamma and bisection alone.

scipy would do the same and takes half a second and 100 MB to import; the tests hold these against it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

__all__ = [
    "beta_cdf",
    "beta_quantile",
    "binomial_at_least",
    "binomial_at_most",
    "normal_cdf",
    "normal_quantile",
    "t_quantile",
    "t_two_sided",
]

_TINY = 1e-300


def normal_cdf(z: float) -> float:
    """P(Z ≤ z)."""
    return math.erfc(-z / math.sqrt(2.0)) / 2.0


def normal_quantile(probability: float) -> float:
    """The z with P(Z ≤ z) = probability, in (0, 1)."""
    if probability > 0.5:  # the lower tail keeps its digits
        return -normal_quantile(1.0 - probability)
    return _bisect(lambda z: normal_cdf(z) - probability, -40.0, 0.0)


def beta_cdf(x: float, a: float, b: float) -> float:
    """The regularized incomplete beta function I_x(a, b); continued fraction by Lentz (DLMF 8.17.22)."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    if x > (a + 1.0) / (a + b + 2.0):  # the fraction converges fast on the other side only
        return 1.0 - beta_cdf(1.0 - x, b, a)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(log_front) / (a * _fraction(x, a, b))


def _fraction(x: float, a: float, b: float) -> float:
    """1 + d1/(1 + d2/(1 + …)), evaluated forwards until it stands still."""
    value, c, d = 1.0, 1.0, 0.0
    for step in range(1, 100_000):
        m = step // 2
        if step % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1.0 / (1.0 + term * d or _TINY)
        c = 1.0 + term / c or _TINY
        value *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return value


def beta_quantile(probability: float, a: float, b: float) -> float:
    """The x with I_x(a, b) = probability."""
    return _bisect(lambda x: beta_cdf(x, a, b) - probability, 0.0, 1.0)


def binomial_at_most(k: int, n: int, p: float) -> float:
    """P(X ≤ k), X binomial with n trials of chance p."""
    if k < 0:
        return 0.0
    return 1.0 if k >= n else beta_cdf(1.0 - p, n - k, k + 1)


def binomial_at_least(k: int, n: int, p: float) -> float:
    """P(X ≥ k), X binomial with n trials of chance p."""
    if k > n:
        return 0.0
    return 1.0 if k <= 0 else beta_cdf(p, k, n - k + 1)


def t_two_sided(t: float, df: float) -> float:
    """P(|T| ≥ |t|), T Student's with df degrees of freedom, df > 0."""
    return 1.0 if t == 0.0 else beta_cdf(df / (df + t * t), df / 2.0, 0.5)


@lru_cache(maxsize=1024)
def t_quantile(probability: float, df: float) -> float:
    """The t with P(T ≤ t) = probability, in (0, 1)."""
    tail = 2.0 * min(probability, 1.0 - probability)
    if tail == 1.0:
        return 0.0
    log_scale = math.lgamma((df + 1.0) / 2.0) - math.lgamma(df / 2.0) - 0.5 * math.log(df * math.pi)
    t = -normal_quantile(tail / 2.0)  # t's tails are heavier: Newton's steps go up from here, never past the root
    for _ in range(200):
        density = math.exp(log_scale - (df + 1.0) / 2.0 * math.log1p(t * t / df))
        step = (t_two_sided(t, df) - tail) / (2.0 * density)
        t += step
        if step <= 1e-14 * t:
            break
    return math.copysign(t, probability - 0.5)


def _bisect(rising: Callable[[float], float], low: float, high: float) -> float:
    """The root of a rising function, to the last bit that a float holds."""
    while low < (middle := (low + high) / 2.0) < high:
        if rising(middle) < 0.0:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0
