"""Two versions on the same cases: the mean difference, its interval and a test, by clusters of cases."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from answerable.evals.stats.distributions import binomial_at_most, t_quantile, t_two_sided
from answerable.evals.stats.estimate import Interval

__all__ = ["Difference", "mcnemar", "paired_difference"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Head minus base, in [-1, 1]: above 0 is better. `n` cases in `clusters` clusters."""

    mean: float
    interval: Interval
    p: float
    n: int
    clusters: int


def mcnemar(fixed: int, broken: int) -> float:
    """The exact two-sided p-value of `fixed` against `broken` cases; 6 to 0 is the least that is below 5 %.

    McNemar 1947, Psychometrika 12:153, with the binomial distribution in the place of its approximation.
    """
    changed = fixed + broken
    return min(1.0, 2.0 * binomial_at_most(min(fixed, broken), changed, 0.5)) if changed else 1.0


def paired_difference(
    differences: Sequence[float],
    clusters: Sequence[str],
    *,
    confidence: float = 0.95,
    seed: int = 0,
    resamples: int = 10_000,
) -> Difference:
    """The mean difference: one a case in [-1, 1], repeats averaged before; `clusters` names each one's."""
    values = np.asarray(differences, dtype=float)
    if not len(values) or len(values) != len(clusters):
        raise ValueError(f"{len(values)} differences and {len(clusters)} clusters")
    _, index = np.unique(np.asarray(clusters), return_inverse=True)
    sums, sizes = np.bincount(index, weights=values), np.bincount(index)
    n, groups, mean = len(values), len(sums), float(values.mean())
    if groups == 1:
        interval = Interval(low=-1.0, high=1.0, confidence=confidence)
        return Difference(mean=mean, interval=interval, p=1.0, n=n, clusters=groups)
    scale = n / groups
    squares = float(((sums - mean * sizes) ** 2).sum()) * groups / (groups - 1) + 2.0 * scale**2
    error = math.sqrt(squares) / (n + 2.0 * scale)
    center = n * mean / (n + 2.0 * scale)
    half = t_quantile((1.0 + confidence) / 2.0, groups - 1) * error
    interval = Interval(low=max(-1.0, center - half), high=min(1.0, center + half), confidence=confidence)
    return Difference(
        mean=mean, interval=interval, p=t_two_sided(center / error, groups - 1), n=n, clusters=groups
    )
