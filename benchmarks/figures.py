"""AUROC, balanced accuracy and their bootstrap intervals, for scores against human labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Measure = Callable[[np.ndarray, np.ndarray], float]


def auroc(labels: np.ndarray, scores: np.ndarray) -> float:
    """P(a supported one scores higher than an unsupported one), ties half (Mann and Whitney 1947)."""
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    ones = labels == 1
    n1, n0 = int(ones.sum()), int((~ones).sum())
    return float((ranks[ones].sum() - n1 * (n1 + 1) / 2) / (n1 * n0)) if n1 and n0 else float("nan")


def balanced_accuracy(labels: np.ndarray, scores: np.ndarray, threshold: float = 0.5) -> float:
    """Mean of the shares of supported and of unsupported ones that the threshold gets right."""
    said = scores >= threshold
    return float((said[labels == 1].mean() + (~said[labels == 0]).mean()) / 2)


def with_interval(
    measure: Measure, labels: np.ndarray, scores: np.ndarray, clusters: Sequence[str], *, resamples: int = 500
) -> dict[str, Any]:
    """The measure with its 95 % percentile bootstrap over clusters (items of one source fall together)."""
    rng = np.random.default_rng(7)
    names, place = np.unique(np.array(clusters), return_inverse=True)
    members = [np.flatnonzero(place == one) for one in range(len(names))]
    drawn = []
    for _ in range(resamples):
        rows = np.concatenate([members[one] for one in rng.integers(0, len(names), len(names))])
        if 0 < labels[rows].mean() < 1:
            drawn.append(measure(labels[rows], scores[rows]))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {"value": round(measure(labels, scores), 4), "low": round(float(low), 4), "high": round(float(high), 4)}
