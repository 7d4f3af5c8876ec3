"""Certified selective answering: at most alpha wrong among the answers given, with confidence 1 − delta."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from answerable.evals.stats.distributions import binomial_at_most
from answerable.evals.stats.proportions import upper_bound

__all__ = ["Certificate", "NotCertifiable", "certify"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Answer where score ≥ threshold. `n` and `k`: calibration items answered and wrong; `bound` ≤ alpha."""

    threshold: float
    n: int
    k: int
    bound: float
    answer_rate: float  # of the calibration items
    calibration: int
    selection: int
    alpha: float
    delta: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCertifiable:
    """No promise can be made yet. `labels_needed`: about so many more; None: more labels alone will not do."""

    labels_needed: int | None
    n: int
    k: int
    bound: float


def certify(
    scores: Sequence[float],
    wrong: Sequence[bool],
    *,
    alpha: float,
    delta: float = 0.05,
    seed: int = 0,
    selection_share: float = 0.3,
) -> Certificate | NotCertifiable:
    """The lowest threshold whose error is proven, by fixed-sequence testing (Learn then Test, arXiv:2110.01052).

    `scores` (n,) rank answers, higher is surer; `wrong` (n,). One split chooses grid and start, the other tests.
    """
    score, bad = np.asarray(scores, dtype=float), np.asarray(wrong, dtype=bool)
    order = np.random.default_rng(seed).permutation(len(score))
    cut = round(selection_share * len(score))
    chosen, held = order[:cut], order[cut:]
    grid = [float(one) for one in np.unique(score[chosen])[::-1]]
    if not grid or not len(held):
        return NotCertifiable(labels_needed=math.ceil(math.log(delta) / math.log1p(-alpha)), n=0, k=0, bound=1.0)
    start = min(range(len(grid)), key=lambda i: (_p(score[chosen], bad[chosen], grid[i], alpha), -i))
    passed = None
    for threshold in grid[start:]:
        n, k = _counts(score[held], bad[held], threshold)
        if binomial_at_most(k, n, alpha) > delta:
            break
        passed = Certificate(
            threshold=threshold,
            n=n,
            k=k,
            bound=upper_bound(k, n, confidence=1.0 - delta),
            answer_rate=n / len(held),
            calibration=len(held),
            selection=len(chosen),
            alpha=alpha,
            delta=delta,
        )
    if passed:
        return passed
    n, k = _counts(score[held], bad[held], grid[start])
    bound = upper_bound(k, n, confidence=1.0 - delta)
    return NotCertifiable(labels_needed=None, n=n, k=k, bound=bound)


def _counts(score: np.ndarray, bad: np.ndarray, threshold: float) -> tuple[int, int]:
    answered = score >= threshold
    return int(answered.sum()), int(bad[answered].sum())


def _p(score: np.ndarray, bad: np.ndarray, threshold: float, alpha: float) -> float:
    n, k = _counts(score, bad, threshold)
    return binomial_at_most(k, n, alpha)
