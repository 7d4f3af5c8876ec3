"""What a comparison could have seen: the smallest drop it finds, and how many more cases a smaller one wants."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from answerable.evals.stats.distributions import normal_quantile

__all__ = ["cases_needed", "detectable"]


def detectable(
    differences: Sequence[float], clusters: Sequence[str], *, alpha: float, power: float = 0.8
) -> float | None:
    """The smallest true drop, in [0, 1], that is found significant with this power; None: not even a drop of 1."""
    noise, design = _spread(differences, clusters)
    n = len(differences)
    steps = np.linspace(0.001, 1.0, 1000)
    seen = [step for step in steps if _cases(noise, design, step, alpha, power) <= n]
    return float(min(seen)) if seen else None


def cases_needed(
    differences: Sequence[float],
    clusters: Sequence[str],
    *,
    effect: float,
    alpha: float,
    power: float = 0.8,
) -> int | None:
    """How many MORE cases find a true drop of `effect` (0.05: 5 points) with this power. None: the effect is 0."""
    if not effect:
        return None
    noise, design = _spread(differences, clusters)
    return max(0, math.ceil(_cases(noise, design, abs(effect), alpha, power)) - len(differences))


def _spread(differences: Sequence[float], clusters: Sequence[str]) -> tuple[float, float]:
    """The variance of a case's difference without the change itself, and the design effect of clusters (≥ 1)."""
    values = np.asarray(differences, dtype=float)
    _, index = np.unique(np.asarray(clusters), return_inverse=True)
    centered = values - values.mean()
    single = float((centered**2).sum())
    clustered = float((np.bincount(index, weights=centered) ** 2).sum())
    moved = abs(float(values.mean()))
    noise = max(0.0, single / len(values) - moved * (1.0 - moved))
    return noise, max(1.0, clustered / single) if single else 1.0


def _cases(noise: float, design: float, effect: float, alpha: float, power: float) -> float:
    """n of McNemar's test (Connor 1987, Biometrics 43:207), with the noise as discordance and a design effect."""
    discordance = noise + effect
    z_alpha, z_power = normal_quantile(1.0 - alpha / 2.0), normal_quantile(power)
    spread = z_alpha * math.sqrt(discordance) + z_power * math.sqrt(max(0.0, discordance - effect**2))
    return design * (spread / effect) ** 2
