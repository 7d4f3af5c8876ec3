"""Quantiles of answer times with order-statistic intervals: no shape is assumed of the times."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from answerable.evals.stats.quantiles import rank_bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """A quantile in ms. An end of its interval is None where n is too small to bound it."""

    level: float
    value: float | None
    low: float | None
    high: float | None
    n: int  # cases


def quantile(values: Sequence[float], *, level: float, cases: int, confidence: float = 0.95) -> Quantile:
    """The order statistic at ⌈level · n⌉ and its exact binomial interval (David, Nagaraja: Order Statistics, 7.1).

    `cases` are the independent observations behind `values`: repeats of a case add none, so ranks are drawn for
    that many and read off at the same level.
    """
    if not values:
        return Quantile(level=level, value=None, low=None, high=None, n=0)
    ordered = sorted(values)
    low, high = rank_bounds(cases, level, confidence=confidence)
    return Quantile(
        level=level,
        value=ordered[max(math.ceil(level * len(ordered) - 1e-9), 1) - 1],
        low=None if low is None else ordered[-(-low * len(ordered) // cases) - 1],
        high=None if high is None else ordered[-(-high * len(ordered) // cases) - 1],
        n=cases,
    )
