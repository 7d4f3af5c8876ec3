"""Certified selective answering: at most alpha wrong among the answers given, with confidence 1 − delta.

Learn then Test (Angelopoulos, Bates, Candès, Jordan and Lei 2021, arXiv:2110.01052, section 4 and fixed-sequence
testing of appendix B): every threshold is a hypothesis "more than alpha of the answers above it are wrong", tested
with the exact binomial tail on a calibration split, in an order that another split has fixed. Testing stops at the
first that is not rejected, so no correction is paid for the number of thresholds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from answerable.evals.stats.distributions import binomial_at_most, normal_quantile
from answerable.evals.stats.proportions import certifiable_at, upper_bound

__all__ = ["Certificate", "NotCertifiable", "certify", "certify_each"]

_FAR = 50  # times the labels at hand: beyond it a forecast is noise, and fewer errors are the way
SELECTION = 0.2  # of the labels; more costs the calibration split, less starts at the wrong place (0054)
_GRID = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The promise: answer where score ≥ `threshold`, and at most `alpha` of the answers are wrong.

    It holds for questions that come as the labeled ones did, and for no others. `n` of `calibration` items were
    answered at this threshold, `k` of them wrong; `bound` ≤ alpha is the exact upper bound at 1 − delta.
    """

    threshold: float
    n: int
    k: int
    bound: float
    answer_rate: float  # n of calibration: what the promise costs
    calibration: int  # items that it was tested on
    selection: int  # items that fixed the order of the tests
    tested: int  # thresholds tried, the last one refused unless the grid ended
    alpha: float
    delta: float
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCertifiable:
    """No promise can be made yet: the best threshold had `k` wrong of `n`, so at most `bound` and not alpha."""

    labels_needed: int | None  # about so many MORE; None: no threshold looks good enough, more labels will not do
    n: int
    k: int
    bound: float
    alpha: float
    delta: float
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Split:
    scores: npt.NDArray[np.float64]
    wrong: npt.NDArray[np.bool_]

    def counts(self, threshold: float) -> tuple[int, int]:
        """Answered and wrong at a threshold."""
        answered = self.scores >= threshold
        return int(answered.sum()), int(self.wrong[answered].sum())

    def p(self, threshold: float, alpha: float) -> float:
        """Of the hypothesis that more than alpha are wrong: the chance of so few errors if exactly alpha were."""
        n, k = self.counts(threshold)
        return binomial_at_most(k, n, alpha)


def certify(
    scores: Sequence[float], wrong: Sequence[bool], *, alpha: float, delta: float = 0.05, seed: int = 0
) -> Certificate | NotCertifiable:
    """The lowest threshold that is proven, so the most answers; or how far away a promise is.

    `scores` (n,): higher is surer, any scale. `wrong` (n,): whether the answer, given at any score, is wrong.
    alpha and delta in (0, 1). Equal scores are answered or refused together. Raises ValueError where lengths
    differ or a score is not a number.
    """
    every = _Split(scores=np.asarray(scores, dtype=np.float64), wrong=np.asarray(wrong, dtype=np.bool_))
    if len(every.scores) != len(every.wrong) or np.isnan(every.scores).any():
        raise ValueError(f"{len(scores)} scores, {len(wrong)} verdicts: want one finite score for each")
    chosen, held = _parted(every, seed)
    passed, tested, grid = None, 0, _sequence(chosen, alpha)
    for threshold in grid:
        tested += 1
        if held.p(threshold, alpha) > delta:
            break
        passed = threshold
    if passed is None:
        return _refused(len(scores), held, grid, alpha, delta, seed)
    n, k = held.counts(passed)
    return Certificate(
        threshold=passed,
        n=n,
        k=k,
        bound=upper_bound(k, n, confidence=1.0 - delta),
        answer_rate=n / len(held.scores),
        calibration=len(held.scores),
        selection=len(chosen.scores),
        tested=tested,
        alpha=alpha,
        delta=delta,
        seed=seed,
    )


def certify_each(
    scores: Sequence[float],
    wrong: Sequence[bool],
    groups: Sequence[str],
    *,
    alpha: float,
    delta: float = 0.05,
    seed: int = 0,
) -> dict[str, Certificate | NotCertifiable]:
    """One threshold a group (topic, language), sorted by name; all promises together hold with 1 − delta.

    Each group is tested at delta / number of groups (Bonferroni), which its certificate shows as its delta.
    """
    names = sorted(set(groups))
    made = {}
    for name in names:
        own = [place for place, group in enumerate(groups) if group == name]
        made[name] = certify(
            [scores[i] for i in own], [wrong[i] for i in own], alpha=alpha, delta=delta / len(names), seed=seed
        )
    return made


def _parted(every: _Split, seed: int) -> tuple[_Split, _Split]:
    order = np.random.default_rng(seed).permutation(len(every.scores))
    cut = round(SELECTION * len(order))
    chosen, held = (
        _Split(scores=every.scores[part], wrong=every.wrong[part]) for part in (order[:cut], order[cut:])
    )
    return chosen, held


def _sequence(chosen: _Split, alpha: float) -> list[float]:
    """From the threshold with the strongest evidence downwards, all of it from the selection split alone."""
    if not len(chosen.scores):
        return []
    quantiles = np.quantile(chosen.scores, np.linspace(0.0, 1.0, _GRID, endpoint=False), method="inverted_cdf")
    grid = sorted({float(one) for one in quantiles}, reverse=True)
    evidence = [chosen.p(threshold, alpha) for threshold in grid]
    start = max(place for place, p in enumerate(evidence) if p == min(evidence))
    return grid[start:]


def _refused(
    total: int, held: _Split, grid: Sequence[float], alpha: float, delta: float, seed: int
) -> NotCertifiable:
    n, k = held.counts(grid[0]) if grid else (0, 0)
    return NotCertifiable(
        labels_needed=_labels_needed(total, held, alpha, delta),
        n=n,
        k=k,
        bound=upper_bound(k, n, confidence=1.0 - delta),
        alpha=alpha,
        delta=delta,
        seed=seed,
    )


def _labels_needed(total: int, held: _Split, alpha: float, delta: float) -> int | None:
    """About how many more, for a promise in 4 of 5 tries at the threshold that wants the fewest.

    A forecast and no promise: the error rates are those seen, with one and a half errors added, for the best of 50
    thresholds flatters itself (0054). At least a tenth more: where there seem to be enough, there was bad luck.
    """
    least = certifiable_at(0, alpha=alpha, confidence=1.0 - delta)
    items = len(held.scores)
    if items < least:  # too few to speak of any rate: as if half of what is allowed were wrong, and all answered
        return math.ceil(_answered_needed(alpha / 2.0, alpha, delta) / (1.0 - SELECTION)) - total
    wanted = []
    for threshold in np.unique(np.quantile(held.scores, np.linspace(0.0, 1.0, _GRID, endpoint=False))):
        n, k = held.counts(float(threshold))
        rate = (k + 1.5) / (n + 1.5)
        if rate < alpha:
            answered = max(least, _answered_needed(rate, alpha, delta))
            wanted.append(answered * items / n / (1.0 - SELECTION))
    if not wanted or min(wanted) > _FAR * total:
        return None
    return max(math.ceil(total / 10), math.ceil(min(wanted)) - total)


def _answered_needed(rate: float, alpha: float, delta: float) -> float:
    """Answers that prove alpha at this error rate, one time in five not: the usual normal approximation."""
    z_level, z_power = normal_quantile(1.0 - delta), normal_quantile(0.8)
    spread = z_level * math.sqrt(alpha * (1.0 - alpha)) + z_power * math.sqrt(rate * (1.0 - rate))
    return (spread / (alpha - rate)) ** 2
