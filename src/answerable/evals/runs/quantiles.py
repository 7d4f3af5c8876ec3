"""Quantiles of what was measured, with an interval that assumes no distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from answerable.evals.stats.quantiles import quantile_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """In the unit of the values. `low` or `high` None: so few values that nothing bounds it on that side."""

    value: float
    low: float | None
    high: float | None
    n: int


def quantile(values: Sequence[float], q: float, *, confidence: float = 0.95) -> Quantile | None:
    """The q-quantile, 0 < q < 1, between two order statistics; None for no values."""
    found = quantile_interval(values, q, confidence=confidence)
    if found is None:
        return None
    low, high = found.interval.low, found.interval.high
    return Quantile(
        value=found.value,
        low=low if math.isfinite(low) else None,
        high=high if math.isfinite(high) else None,
        n=found.n,
    )
