"""A judge's rate corrected by people. The raw judge rate is never an estimate: it is wrong by the judge's bias."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from answerable.evals.stats.distributions import normal_quantile
from answerable.evals.stats.estimate import Estimate, Interval
from answerable.evals.stats.proportions import wilson

__all__ = [
    "MIN_LABELS",
    "Correction",
    "Estimate",
    "Judged",
    "corrected_rate",
    "human_only",
    "judged_of",
    "ppi",
    "ppi_from",
    "rogan_gladen",
]

MIN_LABELS = 200  # with fewer, PPI++ covers less than it says (0053)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A rate that people stand behind, and why it was made in this way."""

    estimate: Estimate
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The judge's word on every item, summed up: how many, their mean, and their variance (by n, not n - 1)."""

    n: int
    mean: float
    variance: float


def judged_of(values: Sequence[float]) -> Judged:
    """Of the words themselves, in [0, 1]."""
    every = np.asarray(values, dtype=np.float64)
    return Judged(n=len(every), mean=float(every.mean()), variance=float(every.var()))


def corrected_rate(
    pairs: Sequence[tuple[bool, bool]],
    judged: Sequence[bool],
    *,
    probabilities: Sequence[float] | None = None,
    shifted: bool | None = None,
    confidence: float = 0.95,
) -> Correction:
    """The rate of yes, by this rule: shifted: Rogan-Gladen; n ≥ 200 labels: PPI++; else the human sample alone.

    `pairs`: (judge, person) on the labeled items; `judged`: the judge's word on every item, the labeled ones too;
    `probabilities`: those of the labeled items of having been drawn. `shifted`: the labels come from another time
    or mix than `judged`; None: yes if the judge's own rates differ (p < 0.01) and nothing was drawn with known
    probabilities. Raises ValueError without labels.
    """
    if not pairs:
        raise ValueError("no labels: nothing to correct with")
    judge, human = [said for said, _ in pairs], [person for _, person in pairs]
    if shifted is None:
        shifted = probabilities is None and bool(judged) and _differ(judge, judged)
    if shifted:
        estimate = rogan_gladen(sum(judged), len(judged), pairs, confidence=confidence)
        return Correction(estimate=estimate, why="the share of yes is not that of the time when people labeled")
    if len(pairs) >= MIN_LABELS and judged:
        estimate = ppi(human, judge, judged, probabilities=probabilities, confidence=confidence)
        return Correction(estimate=estimate, why=f"{len(pairs)} labels, and {MIN_LABELS} are enough")
    estimate = human_only(human, probabilities=probabilities, confidence=confidence)
    why = f"{len(pairs)} labels, fewer than {MIN_LABELS}" if judged else "no judged items besides the labels"
    return Correction(estimate=estimate, why=why)


def human_only(
    human: Sequence[bool], *, probabilities: Sequence[float] | None = None, confidence: float = 0.95
) -> Estimate:
    """The share of yes among people's labels, weighted by 1/probability of having been drawn.

    Wilson's interval, at the effective number of labels if weighted: Hájek's ratio and its linearized variance
    (Särndal, Swensson and Wretman 1992, section 5.7), as in Korn and Graubard 1998, Survey Methodology 24:193.
    """
    values, weights = np.asarray(human, dtype=np.float64), _weights(len(human), probabilities)
    value = _inside(float((weights * values).mean()))
    interval = _wilson_at(value, _effective(values, weights), confidence)
    name = "human sample, Wilson" if probabilities is None else "human sample, weighted, Wilson"
    return Estimate(value=value, interval=interval, n=len(values), method=name)


def ppi(
    human: Sequence[bool],
    judge: Sequence[float],
    judged: Sequence[float],
    *,
    probabilities: Sequence[float] | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """`ppi_from` with the judge's words on every item, the labeled ones too, in place of their sums."""
    return ppi_from(human, judge, judged_of(judged), probabilities=probabilities, confidence=confidence)


def ppi_from(
    human: Sequence[bool],
    judge: Sequence[float],
    judged: Judged,
    *,
    probabilities: Sequence[float] | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """The prediction-powered rate PPI++ (Angelopoulos, Duchi and Zrnic 2023, arXiv:2311.01453, section 4).

    `human` and `judge` (n,): both words on the labeled items, in [0, 1]. `judged`: the judge's on every item, the
    labeled ones too. `probabilities` (n,): of having been drawn. Wants n ≥ 200.

    The interval is Wilson's at the number of labels that the variance is worth, the variance counting two opposite
    disagreements of half an item that nobody saw: the normal interval of the paper covers 90 to 94 % near 0 and 1.
    """
    y, f = (np.asarray(one, dtype=np.float64) for one in (human, judge))
    weights, n = _weights(len(y), probabilities), len(y)
    tuned = _tuned(weights * y, weights * f, n / judged.n)
    corrected = weights * (y - tuned * f)
    value = tuned * judged.mean + float(corrected.mean())
    squared = tuned**2 * judged.variance / judged.n + (float(corrected.var()) * n + 1.0) / n**2
    inside = 0.0 < value < 1.0
    effective = max(value * (1.0 - value) / squared if inside else 0.0, _effective(y, weights))
    value = min(1.0, max(0.0, value))
    interval = _wilson_at(value, effective, confidence)
    return Estimate(value=value, interval=interval, n=n, method="PPI++")


def rogan_gladen(
    judged_yes: int, judged: int, pairs: Sequence[tuple[bool, bool]], *, confidence: float = 0.95
) -> Estimate:
    """(p + sp − 1) / (se + sp − 1), from the judge's yes on new items and (judge, person) pairs from another time.

    Rogan and Gladen 1978, Am. J. Epidemiol. 107:71, with the interval of Lang and Reiczigel 2014, Prev. Vet. Med.
    113:13, which holds the uncertainty of all three rates. It needs the judge to be as good now as it was then.
    A judge no better than chance says nothing: 0 to 1. `n` counts the pairs.
    """
    z = normal_quantile((1.0 + confidence) / 2.0)
    caught = [said for said, person in pairs if person]
    passed = [not said for said, person in pairs if not person]
    n, n_se, n_sp = judged + z * z, len(caught) + 2, len(passed) + 2
    p, se, sp = (judged_yes + z * z / 2.0) / n, (sum(caught) + 1) / n_se, (sum(passed) + 1) / n_sp
    worth = se + sp - 1.0
    if worth <= 0.0:
        nothing = Interval(low=0.0, high=1.0, confidence=confidence)
        return Estimate(value=0.5, interval=nothing, n=len(pairs), method="Rogan-Gladen")
    value = _inside((p + sp - 1.0) / worth)
    var_se, var_sp = se * (1.0 - se) / n_se, sp * (1.0 - sp) / n_sp
    error = math.sqrt(p * (1.0 - p) / n + value**2 * var_se + (1.0 - value) ** 2 * var_sp) / worth
    shift = 2.0 * z * z * (value * var_se - (1.0 - value) * var_sp)
    interval = Interval(
        low=min(value, _inside(value + shift - z * error)),
        high=max(value, _inside(value + shift + z * error)),
        confidence=confidence,
    )
    return Estimate(value=value, interval=interval, n=len(pairs), method="Rogan-Gladen")


def _tuned(y: Floats, f: Floats, fraction: float) -> float:
    """PPI++'s lambda: how far the judge is followed, from 0 (not at all) to 1."""
    spread = float(f.var())
    return _inside(float(((y - y.mean()) * (f - f.mean())).mean()) / spread / (1.0 + fraction)) if spread else 0.0


def _weights(n: int, probabilities: Sequence[float] | None) -> Floats:
    """1/probability, scaled to mean 1."""
    if not n:
        raise ValueError("no labels: nothing to correct with")
    if probabilities is None:
        return np.ones(n)
    chances = np.asarray(probabilities, dtype=np.float64)
    if len(chances) != n or not (chances > 0.0).all():
        raise ValueError("each label wants its probability of having been drawn, above 0")
    weights = 1.0 / chances
    return np.asarray(weights / weights.mean())


def _effective(values: Floats, weights: Floats) -> float:
    """How many unweighted labels the weighted ones are worth; Kish's number where all say the same."""
    n, value = len(values), float((weights * values).mean())
    squared = float((weights**2 * (values - value) ** 2).mean()) / n
    return value * (1.0 - value) / squared if squared > 1e-15 else n / float((weights**2).mean())


def _wilson_at(value: float, effective: float, confidence: float) -> Interval:
    interval = wilson(value * effective, effective, confidence=confidence)
    return Interval(low=min(value, interval.low), high=max(value, interval.high), confidence=confidence)


def _inside(value: float) -> float:
    return min(1.0, max(0.0, value))


def _differ(one: Sequence[bool], other: Sequence[bool]) -> bool:
    """Two shares differ, by the pooled z-test at 1 %; at 5 % the choice itself costs coverage (0053)."""
    pooled = (sum(one) + sum(other)) / (len(one) + len(other))
    error = math.sqrt(pooled * (1.0 - pooled) * (1.0 / len(one) + 1.0 / len(other)))
    return abs(sum(one) / len(one) - sum(other) / len(other)) > normal_quantile(0.995) * error
