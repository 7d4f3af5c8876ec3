"""The mean of skewed values, as of costs, with an interval that leans where they do."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from answerable.evals.stats.estimate import Estimate, Interval

__all__ = ["mean_interval", "mean_of_blocks"]


def mean_interval(
    values: Sequence[float],
    *,
    groups: Sequence[str] | None = None,
    confidence: float = 0.95,
    seed: int = 0,
    resamples: int = 2_000,
) -> Estimate | None:
    """The mean, in the values' unit; None without values. `groups`: what is resampled together, e.g. the day.

    Studentized bootstrap (Efron and Tibshirani 1993, An Introduction to the Bootstrap, section 12.5): of skewed
    values it covers more nearly what it says than the percentile one. One value, or one group, says nothing: the
    interval is infinite.
    """
    if not values:
        return None
    value = float(np.mean(values))
    names = range(len(values)) if groups is None else groups
    _, index = np.unique(np.asarray(names), return_inverse=True)
    sums = np.bincount(index, weights=np.asarray(values, dtype=np.float64))
    sizes = np.bincount(index)
    count = len(sums)
    if count < 2:
        low, high = -math.inf, math.inf
    else:
        low, high = _studentized(sums, sizes, value, np.random.default_rng(seed), resamples, confidence)
    interval = Interval(low=min(low, value), high=max(high, value), confidence=confidence)
    return Estimate(value=value, interval=interval, n=len(values), method="studentized bootstrap")


def mean_of_blocks(
    sums: Sequence[float],
    sizes: Sequence[int],
    *,
    confidence: float = 0.95,
    seed: int = 0,
    resamples: int = 2_000,
) -> Estimate | None:
    """The same of values of which only the sum and the number of each block (a day) are known."""
    known = np.array([(total, n) for total, n in zip(sums, sizes, strict=True) if n > 0], dtype=np.float64)
    if not len(known):
        return None
    totals, counts = known.T
    value = float(totals.sum() / counts.sum())
    low, high = -math.inf, math.inf
    if len(known) > 1:
        rng = np.random.default_rng(seed)
        low, high = _studentized(totals, counts, value, rng, resamples, confidence)
    interval = Interval(low=min(low, value), high=max(high, value), confidence=confidence)
    return Estimate(value=value, interval=interval, n=int(counts.sum()), method="studentized bootstrap by blocks")


def _studentized(
    sums: np.ndarray, sizes: np.ndarray, value: float, rng: np.random.Generator, resamples: int, confidence: float
) -> tuple[float, float]:
    count = len(sums)
    error = math.sqrt(float(((sums - value * sizes) ** 2).sum()) * count / (count - 1)) / float(sizes.sum())
    parts = np.stack([sums, sizes, sums**2, sums * sizes, sizes**2], axis=1)
    pulls: list[np.ndarray] = []
    block = max(1, 2_000_000 // count)
    for start in range(0, resamples, block):
        drawn = rng.integers(0, count, size=(min(block, resamples - start), count))
        s, m, ss, sm, mm = (parts[:, part][drawn].sum(axis=1) for part in range(5))
        mean = s / m
        spread = np.sqrt(np.maximum(ss - 2.0 * mean * sm + mean**2 * mm, 0.0) * count / (count - 1)) / m
        pulls.append((mean - value) / np.where(spread > 0.0, spread, np.inf))
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(np.concatenate(pulls), [tail, 1.0 - tail])
    return value - float(high) * error, value - float(low) * error
