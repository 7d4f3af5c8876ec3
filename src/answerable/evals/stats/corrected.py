"""A judge's rate corrected by people. The raw judge rate is never an estimate: it is wrong by the judge's bias."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from answerable.evals.stats.distributions import normal_quantile
from answerable.evals.stats.estimate import Estimate, Interval
from answerable.evals.stats.proportions import wilson

__all__ = ["Correction", "Estimate", "corrected_rate", "human_only", "ppi", "rogan_gladen"]

MIN_LABELS = 200  # below, the interval of PPI++ covers less than it says


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A rate that people stand behind, and why it was made in this way."""

    estimate: Estimate
    why: str


def corrected_rate(
    pairs: Sequence[tuple[bool, bool]],
    judged: Sequence[bool],
    *,
    probabilities: Sequence[float] | None = None,
    shifted: bool | None = None,
    confidence: float = 0.95,
) -> Correction:
    """The rate of yes, by the rule: shifted: Rogan-Gladen; n ≥ 200 labels: PPI++; else the human sample alone.

    `pairs`: (judge, person) on the labeled items, `judged`: the judge's words on the others. `shifted`: the labels
    come from another time or mix than `judged`; None: decided by whether the judge's rates differ (p < 0.05).
    """
    human = [person for _, person in pairs]
    judge = [said for said, _ in pairs]
    if shifted or (shifted is None and judged and probabilities is None and _differ(judge, judged)):
        estimate = rogan_gladen(sum(judged), len(judged), pairs, confidence=confidence)
        return Correction(estimate=estimate, why="the share of yes has shifted since people labeled")
    if len(pairs) >= MIN_LABELS and judged:
        estimate = ppi(human, judge, judged, probabilities=probabilities, confidence=confidence)
        return Correction(estimate=estimate, why=f"{len(pairs)} labels, at least {MIN_LABELS}")
    estimate = human_only(human, probabilities=probabilities, confidence=confidence)
    return Correction(estimate=estimate, why=f"{len(pairs)} labels, fewer than {MIN_LABELS}")


def _differ(one: Sequence[bool], other: Sequence[bool]) -> bool:
    """Two shares differ, by the pooled z-test at 5 %."""
    pooled = (sum(one) + sum(other)) / (len(one) + len(other))
    error = math.sqrt(pooled * (1.0 - pooled) * (1.0 / len(one) + 1.0 / len(other)))
    return abs(sum(one) / len(one) - sum(other) / len(other)) > normal_quantile(0.975) * error


def human_only(
    human: Sequence[bool], *, probabilities: Sequence[float] | None = None, confidence: float = 0.95
) -> Estimate:
    """The share of yes among people's labels, Wilson; weighted by 1/probability of having been drawn.

    The weighted form is Hájek's ratio with Wilson's interval at Kish's effective number of labels.
    """
    values, weights = np.asarray(human, dtype=float), _weights(len(human), probabilities)
    value = float((weights * values).mean())
    effective = len(values) / float((weights**2).mean())
    interval = wilson(value * effective, effective, confidence=confidence)
    return Estimate(value=value, interval=interval, n=len(values), method="human sample, Wilson")


def ppi(
    human: Sequence[bool],
    judge: Sequence[float],
    judged: Sequence[float],
    *,
    probabilities: Sequence[float] | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """The prediction-powered mean PPI++ (Angelopoulos, Duchi and Zrnic 2023, arXiv:2311.01453, section 4).

    `human` and `judge` (n,) are both words on the labeled items, in [0, 1]; `judged` (N,) is the judge's on the
    others; `probabilities` (n,) those of having been drawn. Wants n ≥ 200: below, it covers less than it says.
    """
    y, f, rest = (np.asarray(one, dtype=float) for one in (human, judge, judged))
    weights, n = _weights(len(y), probabilities), len(y)
    variance = float(np.concatenate([f, rest]).var())
    shared = float(np.cov(weights * y, weights * f)[0, 1]) / (float(np.var(weights * f, ddof=1)) or 1.0)
    tuned = min(1.0, max(0.0, shared / (1.0 + n / len(rest)))) if variance and len(rest) else 0.0
    corrected = weights * (y - tuned * f)
    value = (tuned * float(rest.mean()) if len(rest) else 0.0) + float(corrected.mean())
    squared = (tuned**2 * float(rest.var()) / len(rest) if len(rest) else 0.0) + float(corrected.var(ddof=1)) / n
    half = normal_quantile((1.0 + confidence) / 2.0) * math.sqrt(squared)
    interval = Interval(low=max(0.0, value - half), high=min(1.0, value + half), confidence=confidence)
    return Estimate(value=min(1.0, max(0.0, value)), interval=interval, n=n, method="PPI++")


def rogan_gladen(
    judged_yes: int, judged: int, pairs: Sequence[tuple[bool, bool]], *, confidence: float = 0.95
) -> Estimate:
    """(p + sp − 1) / (se + sp − 1), from the judge's yes on new items and (judge, person) pairs from another time.

    Rogan and Gladen 1978, Am. J. Epidemiol. 107:71; interval of Lang and Reiczigel 2014, Prev. Vet. Med. 113:13,
    which includes the uncertainty of all three rates. A judge no better than chance gives 0 to 1.
    """
    z = normal_quantile((1.0 + confidence) / 2.0)
    yes = [a for a, b in pairs if b]
    no = [not a for a, b in pairs if not b]
    n, n_se, n_sp = judged + z * z, len(yes) + 2, len(no) + 2
    p = (judged_yes + z * z / 2.0) / n
    se, sp = (sum(yes) + 1) / n_se, (sum(no) + 1) / n_sp
    youden = se + sp - 1.0
    if youden <= 0.0:
        nothing = Interval(low=0.0, high=1.0, confidence=confidence)
        return Estimate(value=0.5, interval=nothing, n=len(pairs), method="Rogan-Gladen")
    value = min(1.0, max(0.0, (p + sp - 1.0) / youden))
    squared = (
        p * (1 - p) / n + value**2 * se * (1 - se) / n_se + (1 - value) ** 2 * sp * (1 - sp) / n_sp
    ) / youden**2
    shift = 2 * z * z * (value * se * (1 - se) / n_se - (1 - value) * sp * (1 - sp) / n_sp)
    half = z * math.sqrt(squared)
    interval = Interval(
        low=min(1.0, max(0.0, value + shift - half)),
        high=min(1.0, max(0.0, value + shift + half)),
        confidence=confidence,
    )
    return Estimate(value=value, interval=interval, n=len(pairs), method="Rogan-Gladen")


def _weights(n: int, probabilities: Sequence[float] | None) -> np.ndarray:
    """1/probability, scaled to mean 1."""
    if not n:
        raise ValueError("no labels")
    weights = 1.0 / np.asarray(probabilities, dtype=float) if probabilities is not None else np.ones(n)
    return np.asarray(weights / weights.mean())
