"""A rare rate over strata that were read unequally: an interval, and at zero an exact bound."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from answerable.evals.stats.distributions import normal_quantile, t_quantile
from answerable.evals.stats.estimate import Estimate, Interval
from answerable.evals.stats.proportions import upper_bound, wilson

__all__ = ["Stratum", "stratified_rate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """`weight`: its share of all items; of `n` that were read `found` were so. Both may be effective numbers."""

    name: str
    weight: float
    n: float
    found: float


def stratified_rate(strata: Sequence[Stratum], *, confidence: float = 0.95) -> Estimate | None:
    """sum W_h x_h / n_h (Cochran 1977, Sampling Techniques, section 5.2); None where nothing was read.

    Weights are taken to sum to 1 over the strata that were read. Where nothing was found the upper end is
    sum W_h (1 - (1 - confidence)^(1/n_h)), each stratum's exact one-sided bound (Clopper and Pearson 1934). Else
    it is Wilson's interval at the number of items that the variance is worth, with Student's quantile for it; in
    the variance p_h is drawn towards 1/2 by one half of an item each way, as none found is not none.
    """
    read = [one for one in strata if one.n > 0]
    whole = math.fsum(one.weight for one in read)
    if not read or whole <= 0:
        return None
    shares = [one.weight / whole for one in read]
    n = round(math.fsum(one.n for one in read))
    value = math.fsum(w * one.found / one.n for w, one in zip(shares, read, strict=True))
    if not any(one.found for one in read):
        high = math.fsum(
            w * upper_bound(0, max(1, math.floor(one.n)), confidence=confidence)
            for w, one in zip(shares, read, strict=True)
        )
        interval = Interval(low=0.0, high=high, confidence=confidence)
        return Estimate(value=0.0, interval=interval, n=n, method="exact upper bound by stratum")
    variance = math.fsum(w**2 * _spread(one) for w, one in zip(shares, read, strict=True))
    effective = value * (1.0 - value) / variance if 0.0 < value < 1.0 and variance > 0.0 else float(n)
    if effective > 2.0:
        effective *= (normal_quantile(0.975) / t_quantile(0.975, effective - 1.0)) ** 2
    found = wilson(value * effective, effective, confidence=confidence)
    side = (1.0 + confidence) / 2.0
    exact = math.fsum(
        w * upper_bound(round(one.found), max(1, math.floor(one.n)), confidence=side)
        for w, one in zip(shares, read, strict=True)
    )
    high = max(value, min(found.high, exact))  # a find in a small stratum must not say less than none at all
    interval = Interval(low=min(value, found.low), high=high, confidence=confidence)
    return Estimate(value=value, interval=interval, n=n, method="stratified, Wilson")


def _spread(one: Stratum) -> float:
    p = (one.found + 0.5) / (one.n + 1.0)
    return p * (1.0 - p) / max(1.0, one.n - 1.0)
