"""Do a judge and people say the same: agreement, kappa, alpha, sensitivity and specificity, with intervals."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from answerable.evals.stats.distributions import normal_quantile
from answerable.evals.stats.estimate import Estimate, Interval
from answerable.evals.stats.proportions import exact, wilson

__all__ = ["Detection", "agreement", "kappa", "krippendorff", "sensitivity_specificity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """What a yes and a no of the judge are worth, people being right. None: no item of that kind."""

    sensitivity: Estimate | None  # P(judge yes | people yes)
    specificity: Estimate | None  # P(judge no | people no)
    base_rate: Estimate | None  # P(people yes)


def agreement(pairs: Sequence[tuple[Hashable, Hashable]], *, confidence: float = 0.95) -> Estimate | None:
    """The share of items with the same label from both, Wilson's interval. None without items."""
    return _share(sum(a == b for a, b in pairs), len(pairs), confidence, "wilson")


def kappa(pairs: Sequence[tuple[Hashable, Hashable]], *, confidence: float = 0.95) -> Estimate | None:
    """Cohen's kappa (1960) of two raters. None where both always say the same one thing: chance explains all."""
    n = len(pairs)
    names = {one: place for place, one in enumerate(dict.fromkeys(label for pair in pairs for label in pair))}
    if len(names) < 2:
        return None
    table = np.zeros((len(names), len(names)))
    for a, b in pairs:
        table[names[a], names[b]] += 1.0 / n
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    observed, chance = float(np.trace(table)), float(rows @ columns)
    value = (observed - chance) / (1.0 - chance)
    # Fleiss, Cohen and Everitt 1969, Psychological Bulletin 72:323, eq. 13
    mixed = table * (columns[:, None] + rows[None, :]) ** 2
    on = float((np.diag(table) * (1.0 - (rows + columns) * (1.0 - value)) ** 2).sum())
    off = (1.0 - value) ** 2 * float(mixed.sum() - np.trace(mixed))
    variance = (on + off - (value - chance * (1.0 - value)) ** 2) / (n * (1.0 - chance) ** 2)
    half = normal_quantile((1.0 + confidence) / 2.0) * math.sqrt(max(0.0, variance))
    interval = Interval(low=max(-1.0, value - half), high=min(1.0, value + half), confidence=confidence)
    return Estimate(value=value, interval=interval, n=n, method="Cohen's kappa")


def krippendorff(
    ratings: Mapping[str, Mapping[str, Hashable]],
    *,
    confidence: float = 0.95,
    seed: int = 0,
    resamples: int = 2_000,
) -> Estimate | None:
    """Krippendorff's alpha, nominal, of item → rater → label, some missing. None: nothing to measure.

    Krippendorff 2011, "Computing Krippendorff's alpha-reliability". The interval resamples items.
    """
    paired = [list(said.values()) for said in ratings.values() if len(said) > 1]
    names = list(dict.fromkeys(label for said in paired for label in said))
    if len(names) < 2:
        return None
    table = np.asarray([[said.count(name) for name in names] for said in paired], dtype=float)
    value = float(_alpha(np.ones((1, len(table))), table)[0])
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(len(table), np.full(len(table), 1.0 / len(table)), size=resamples).astype(float)
    drawn = _alpha(weights, table)
    low, high = np.nanquantile(drawn, [(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0])
    interval = Interval(low=float(low), high=float(high), confidence=confidence)
    return Estimate(value=value, interval=interval, n=len(table), method="Krippendorff's alpha")


def _alpha(weights: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Alpha for each row of item weights (resamples, items); table (items, labels) counts ratings."""
    raters = table.sum(axis=1)
    disagreed = (raters**2 - (table**2).sum(axis=1)) / (raters - 1.0)
    totals = weights @ table
    n = totals.sum(axis=1)
    expected = (n**2 - (totals**2).sum(axis=1)) / (n - 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 0, 1.0 - (weights @ disagreed) / expected, np.nan)


def sensitivity_specificity(pairs: Sequence[tuple[bool, bool]], *, confidence: float = 0.95) -> Detection:
    """From (judge, person) pairs, with exact intervals."""
    yes = [judge for judge, person in pairs if person]
    no = [judge for judge, person in pairs if not person]
    return Detection(
        sensitivity=_share(sum(yes), len(yes), confidence, "exact"),
        specificity=_share(len(no) - sum(no), len(no), confidence, "exact"),
        base_rate=_share(len(yes), len(pairs), confidence, "wilson"),
    )


def _share(k: int, n: int, confidence: float, method: str) -> Estimate | None:
    if not n:
        return None
    interval = (exact if method == "exact" else wilson)(k, n, confidence=confidence)
    return Estimate(value=k / n, interval=interval, n=n, method=method)
