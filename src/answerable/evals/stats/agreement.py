"""Do a judge and people say the same: agreement, kappa, alpha, sensitivity and specificity, with intervals."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from answerable.evals.stats.distributions import normal_quantile
from answerable.evals.stats.estimate import Estimate, Interval
from answerable.evals.stats.proportions import exact, wilson

__all__ = ["Detection", "agreement", "kappa", "krippendorff", "sensitivity_specificity"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """What a yes and a no of the judge are worth, people being right. None: no item of that kind."""

    sensitivity: Estimate | None  # P(judge yes | people yes)
    specificity: Estimate | None  # P(judge no | people no)
    base_rate: Estimate | None  # P(people yes)


def agreement(pairs: Sequence[tuple[Hashable, Hashable]], *, confidence: float = 0.95) -> Estimate | None:
    """The share of items with the same label from both, Wilson's interval. None without items."""
    return _share(sum(a == b for a, b in pairs), len(pairs), confidence, "Wilson")


def sensitivity_specificity(pairs: Sequence[tuple[bool, bool]], *, confidence: float = 0.95) -> Detection:
    """From (judge, person) pairs; exact intervals, for these decide whether a judge may gate."""
    yes = [judge for judge, person in pairs if person]
    no = [judge for judge, person in pairs if not person]
    return Detection(
        sensitivity=_share(sum(yes), len(yes), confidence, "exact"),
        specificity=_share(len(no) - sum(no), len(no), confidence, "exact"),
        base_rate=_share(len(yes), len(pairs), confidence, "Wilson"),
    )


def kappa(pairs: Sequence[tuple[Hashable, Hashable]], *, confidence: float = 0.95) -> Estimate | None:
    """Cohen's kappa of two raters (1960, Educ. Psychol. Meas. 20:37), in [-1, 1].

    None where both said one and the same thing of every item, or there is none: chance explains all. The interval
    is Fleiss, Cohen and Everitt's (1969, Psychol. Bull. 72:323, eq. 13) on Fisher's scale, with one item added
    that is spread over all pairs of labels; without both it covers 75 to 94 % at n = 50 (0052).
    """
    names = {label: place for place, label in enumerate(dict.fromkeys(label for pair in pairs for label in pair))}
    if len(names) < 2:
        return None
    table = np.zeros((len(names), len(names)))
    for a, b in pairs:
        table[names[a], names[b]] += 1.0
    value, _ = _kappa(table)
    center, error = _kappa(table + 1.0 / table.size)
    interval = _on_fisher_scale(value, center, error, confidence)
    return Estimate(value=value, interval=interval, n=len(pairs), method="Cohen's kappa")


def _kappa(counts: Floats) -> tuple[float, float]:
    """Kappa of a table of counts (labels of one, labels of the other), and its standard error."""
    n = float(counts.sum())
    table = counts / n
    one, other = table.sum(axis=1), table.sum(axis=0)
    observed, chance = float(np.trace(table)), float(one @ other)
    value = (observed - chance) / (1.0 - chance)
    diagonal = float((np.diag(table) * (1.0 - (one + other) * (1.0 - value)) ** 2).sum())
    mixed = table * (other[:, None] + one[None, :]) ** 2
    rest = (1.0 - value) ** 2 * float(mixed.sum() - np.trace(mixed))
    variance = diagonal + rest - (value - chance * (1.0 - value)) ** 2
    return value, math.sqrt(max(0.0, variance) / n) / (1.0 - chance)


def krippendorff(ratings: Mapping[str, Mapping[str, Hashable]], *, confidence: float = 0.95) -> Estimate | None:
    """Krippendorff's alpha, nominal, of item → rater → label, some missing; in [-1, 1]. `n` counts items.

    Krippendorff 2011, "Computing Krippendorff's alpha-reliability", section C. Items with one rating are left out.
    None where every label is the same, or none is paired. The interval is the jackknife's over items, on Fisher's
    scale with one item added, as for kappa: the bootstrap's covers less (0052).
    """
    paired = [list(said.values()) for said in ratings.values() if len(said) > 1]
    names = list(dict.fromkeys(label for said in paired for label in said))
    if len(names) < 2:
        return None
    table = np.asarray([[said.count(name) for name in names] for said in paired], dtype=np.float64)
    n = len(table)
    disagreed, totals = _disagreements(table)
    value = float(_alpha(disagreed.sum(), totals.sum(axis=0)))
    # the added item: each ordered pair of labels, given by two raters, with weight 1/labels²
    extra_totals = np.full(len(names), 2.0 / len(names))
    extra_disagreed = 2.0 * (1.0 - 1.0 / len(names))
    all_disagreed, all_totals = disagreed.sum() + extra_disagreed, totals.sum(axis=0) + extra_totals
    center = float(_alpha(all_disagreed, all_totals))
    without = _alpha(all_disagreed - disagreed, all_totals - totals)
    error = math.sqrt((n - 1) / n * float(((without - without.mean()) ** 2).sum()))
    interval = _on_fisher_scale(value, center, error, confidence)
    return Estimate(value=value, interval=interval, n=n, method="Krippendorff's alpha")


def _disagreements(table: Floats) -> tuple[Floats, Floats]:
    """By item: ordered pairs of different labels over (raters − 1), and the labels themselves."""
    raters = table.sum(axis=1)
    return (raters**2 - (table**2).sum(axis=1)) / (raters - 1.0), table


def _alpha(disagreed: Floats, totals: Floats) -> Floats:
    """1 − observed / expected disagreement; `totals` (…, labels)."""
    n = totals.sum(axis=-1)
    expected = (n**2 - (totals**2).sum(axis=-1)) / (n - 1.0)
    return np.asarray(1.0 - disagreed / expected)


def _on_fisher_scale(value: float, center: float, error: float, confidence: float) -> Interval:
    """center ± z · error on the scale of atanh, widened to hold the value itself."""
    half = normal_quantile((1.0 + confidence) / 2.0) * error / (1.0 - center**2)
    low, high = math.tanh(math.atanh(center) - half), math.tanh(math.atanh(center) + half)
    return Interval(low=min(low, value), high=max(high, value), confidence=confidence)


def _share(k: int, n: int, confidence: float, method: str) -> Estimate | None:
    if not n:
        return None
    interval = (exact if method == "exact" else wilson)(k, n, confidence=confidence)
    return Estimate(value=k / n, interval=interval, n=n, method=method)
