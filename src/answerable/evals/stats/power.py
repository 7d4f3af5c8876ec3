"""What a comparison could have seen: the smallest drop it finds, and how many more cases a smaller one wants.

Both take the noise and the likeness within clusters from the differences at hand. A drop is taken to come as cases
that break outright, besides the noise, as alike within a cluster as the noise is: one that takes whole documents
at once is harder to see where the noise does not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from answerable.evals.stats.distributions import normal_cdf, t_quantile
from answerable.evals.stats.paired import by_cluster
from answerable.evals.stats.signflip import lattice

__all__ = ["cases_needed", "detectable"]

_MOST = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Design:
    """What of the differences at hand stays when there are more of them."""

    noise: float  # variance of one case's difference without any change
    effect_of_clusters: float  # variance of the mean over that of unrelated cases, ≥ 1
    clusters_per_case: float
    step: float  # between two differences that are possible: 1/repeats

    def chance(self, effect: float, n: float, alpha: float) -> float:
        """The power at n cases: Connor 1987, Biometrics 43:207, corrected for continuity and clusters."""
        clusters = n * self.clusters_per_case
        if clusters < 2.0 or 2.0 ** (1.0 - clusters) > alpha:
            return 0.0  # no pattern of signs is rare enough
        discordance = self.noise + effect
        scale = math.sqrt(n * self.effect_of_clusters)
        bar = t_quantile(1.0 - alpha / 2.0, clusters - 1.0) * math.sqrt(discordance) * scale + self.step
        spread = math.sqrt(max(1e-12, discordance - effect**2)) * scale
        return normal_cdf((n * effect - bar) / spread)


def detectable(
    differences: Sequence[float], clusters: Sequence[str], *, alpha: float, power: float = 0.8
) -> float | None:
    """The smallest true drop, in (0, 1], that is found significant with this power; None: not even a drop of 1."""
    design, n = _design(differences, clusters), len(differences)
    if design.chance(1.0, n, alpha) < power:
        return None
    low, high = 0.0, 1.0
    while high - low > 1e-4:
        middle = (low + high) / 2.0
        low, high = (low, middle) if design.chance(middle, n, alpha) >= power else (middle, high)
    return high


def cases_needed(
    differences: Sequence[float],
    clusters: Sequence[str],
    *,
    effect: float,
    alpha: float,
    power: float = 0.8,
) -> int | None:
    """How many MORE cases find a true drop of `effect` (0.05: 5 points) with this power; 0: there are enough.

    None: the effect is 0, or a million would not do. New cases are taken to come in clusters as those at hand.
    """
    design, n = _design(differences, clusters), len(differences)
    size = abs(effect)
    if not size or design.chance(size, _MOST, alpha) < power:
        return None
    if design.chance(size, n, alpha) >= power:
        return 0
    low, high = n, _MOST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if design.chance(size, middle, alpha) >= power else (middle, high)
    return high - n


def _design(differences: Sequence[float], clusters: Sequence[str]) -> _Design:
    data = by_cluster(differences, clusters)
    values = np.asarray(differences, dtype=np.float64)
    single = float(((values - data.mean) ** 2).sum())
    together = float(((data.sums - data.mean * data.sizes) ** 2).sum())
    moved = abs(data.mean)
    step = lattice(values)
    return _Design(
        noise=max(0.0, single / data.n - moved * (1.0 - moved)),
        effect_of_clusters=max(1.0, together / single) if single else 1.0,
        clusters_per_case=len(data.sums) / data.n,
        step=1.0 / step if step else 0.0,
    )
