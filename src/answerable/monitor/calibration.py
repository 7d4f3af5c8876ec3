"""Isotonic calibration: the nondecreasing steps that are nearest to what was observed, and what they are worth."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """`at` (k,) rising scores, `values` (k,) the share of yes there; between two it is interpolated."""

    at: tuple[float, ...]
    values: tuple[float, ...]

    def __call__(self, score: float) -> float:
        """In [0, 1]; beyond the ends it is what the ends say."""
        return float(np.interp(score, self.at, self.values)) if self.at else score


def isotonic(scores: Floats, outcomes: Floats, weights: Floats, *, least: int = 20) -> Steps:
    """Pool adjacent violators (Ayer et al. 1955; Barlow et al. 1972, section 1.2). All of shape (n,).

    No step rests on fewer than `least` items, where there are as many: a step of one item is its own outcome.
    """
    order = np.argsort(scores, kind="stable")
    blocks: list[tuple[float, float, float]] = []  # mean outcome, weight, mean score
    for part in np.array_split(order, max(1, len(order) // least)):
        blocks.append(_mean(outcomes[part], weights[part], scores[part]))
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            pair = np.array(blocks[-2:])
            blocks[-2:] = [_mean(pair[:, 0], pair[:, 1], pair[:, 2])]
    return Steps(at=tuple(one[2] for one in blocks), values=tuple(one[0] for one in blocks))


def _mean(outcomes: Floats, weights: Floats, scores: Floats) -> tuple[float, float, float]:
    where = float(np.average(scores, weights=weights))
    return float(np.average(outcomes, weights=weights)), float(weights.sum()), where


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Scores that are near each other: what was estimated, and what was so, of `n`."""

    n: int
    estimated: float
    observed: float


def brier(estimated: Floats, outcomes: Floats, weights: Floats) -> float:
    """The weighted mean squared error of probabilities (Brier 1950), in [0, 1]; 0.25 is what a coin gets."""
    return float(np.average((estimated - outcomes) ** 2, weights=weights))


def reliability(estimated: Floats, outcomes: Floats, *, bins: int = 5) -> tuple[Bin, ...]:
    """As many bins of equal numbers, from the lowest estimate to the highest."""
    order = np.argsort(estimated, kind="stable")
    edges = np.linspace(0, len(order), bins + 1).astype(int)
    parts = [order[a:b] for a, b in pairwise(edges) if b > a]
    return tuple(
        Bin(n=len(one), estimated=float(estimated[one].mean()), observed=float(outcomes[one].mean()))
        for one in parts
    )
