"""The sign-flip test: how often chance alone, handing each cluster's sum a random sign, moves as far as was seen.

If two versions are the same, base and head of a cluster could have come the other way round, so every pattern of
signs is as likely as the one seen: the test's level is exact at any n, for any noise and any likeness within a
cluster. On single cases that pass or fail it is the exact McNemar test.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["flip_p", "lattice"]

_FINEST = 60  # rates of up to 6 repeats, and of any mix of 1 to 5, are multiples of 1/60
_CELLS = 100_000_000  # more take longer than drawing signs


def lattice(values: npt.NDArray[np.float64]) -> int | None:
    """The least whole number up to 60 that makes every value whole; None: they are no such fractions."""
    for denominator in range(1, _FINEST + 1):
        scaled = values * denominator
        if np.abs(scaled - np.rint(scaled)).max(initial=0.0) < 1e-6:
            return denominator
    return None


def flip_p(sums: npt.NDArray[np.float64], *, seed: int, resamples: int) -> float:
    """Two-sided p of the clusters' sums (clusters,), in (0, 1].

    Exact, by adding up all patterns of signs, where the sums are whole multiples of 1/60 or coarser, as pass rates
    are; else from `resamples` patterns drawn with `seed`, the one seen among them (Phipson and Smyth 2010).
    """
    moved = np.abs(sums[sums != 0.0])
    if not len(moved):
        return 1.0
    denominator = lattice(moved)
    if denominator is not None:
        whole = np.rint(moved * denominator).astype(np.int64)
        if len(whole) * int(whole.sum()) <= _CELLS:
            return _counted(whole, abs(round(float(sums.sum()) * denominator)))
    return _drawn(moved, abs(float(sums.sum())), seed, resamples)


def _counted(steps: npt.NDArray[np.int64], seen: int) -> float:
    """P(|Σ ± step| ≥ seen): the distribution of the sum of the steps that went up, one step at a time."""
    total = int(steps.sum())
    chance = np.zeros(total + 1)
    chance[0], reached = 1.0, 0
    for step in np.sort(steps):
        reached += int(step)
        part = chance[: reached + 1] / 2.0
        part[step:] += chance[: reached + 1 - step] / 2.0
        chance[: reached + 1] = part
    far = np.abs(2 * np.arange(total + 1) - total) >= seen  # up − down = 2 · up − total
    return min(1.0, float(chance[far].sum()))


def _drawn(moved: npt.NDArray[np.float64], seen: float, seed: int, resamples: int) -> float:
    rng = np.random.default_rng(seed)
    reached, left, block = 0, resamples, max(1, 4_000_000 // len(moved))
    while left > 0:
        count = min(left, block)
        up = rng.integers(0, 2, size=(count, len(moved)), dtype=np.int8)
        sums = 2.0 * (up @ moved) - moved.sum()
        reached += int((np.abs(sums) >= seen * (1.0 - 1e-9)).sum())
        left -= count
    return (reached + 1) / (resamples + 1)
