"""A rate over all answers of the periods from the read ones, each weighted by 1/π, π its chance of being drawn.

The value is Hájek's ratio sum(y/π) / sum(1/π) (1971, in Godambe and Sprott, Foundations of Statistical Inference);
its variance Horvitz and Thompson's (1952, JASA 47:663) of the linearized ratio, with the exact chances of pairs.
The interval is Wilson's at the effective number of items, value · (1 − value) / variance, as Korn and Graubard
(1998, Survey Methodology 24:193) use Clopper and Pearson's; docs/decisions/0082 has what else goes into it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from answerable.core.review import Draw
from answerable.evals.review.sampling import joint_inclusion
from answerable.evals.stats.distributions import normal_quantile, t_quantile
from answerable.evals.stats.estimate import Estimate, Interval
from answerable.evals.stats.proportions import wilson


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A read item: what was found, and how it came to be drawn. Items alike in all of it count alike."""

    found: bool
    batch: str
    strata: tuple[str, ...]
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """How the items of a batch were drawn, and how many of the drawn ones were read."""

    draws: tuple[Draw, ...]
    drawn: int
    read: int

    @property
    def everything(self) -> bool:
        """Whether all answers of the period were drawn and read: nothing is left to estimate."""
        return self.read == self.drawn and all(draw.drawn == draw.size for draw in self.draws)

    @property
    def share(self) -> float:
        """Of the drawn ones that was read."""
        return self.read / self.drawn

    @property
    def pair_share(self) -> float:
        """The chance that two drawn items were both read, the read ones being any of them."""
        return self.read * (self.read - 1) / (self.drawn * (self.drawn - 1)) if self.drawn > 1 else 0.0


def weighted_rate(
    read: Sequence[Drawn], frames: Mapping[str, Frame], *, confidence: float = 0.95
) -> Estimate | None:
    """The share of `found` over all answers of the batches, `frames` being all of them. None: nothing was read.

    What was drawn and not read counts as left out by chance: the reading order is random.
    """
    if not read:
        return None
    counts = Counter(read)
    weights = {one: 1.0 / (one.probability * frames[one.batch].share) for one in counts}
    total = math.fsum(weights[one] * count for one, count in counts.items())
    value = math.fsum(weights[one] * count for one, count in counts.items() if one.found) / total
    if all(frame.everything for frame in frames.values()):
        interval = Interval(low=value, high=value, confidence=confidence)
        return Estimate(value=value, interval=interval, n=len(read), method="all answers read")
    variance = _variance(counts, weights, frames, value) / total**2
    effective = _effective(counts, weights, value, variance)
    interval = wilson(value * effective, effective, confidence=confidence)
    return Estimate(value=value, interval=interval, n=len(read), method="weighted by chance of being drawn")


def _variance(
    counts: Mapping[Drawn, int], weights: Mapping[Drawn, float], frames: Mapping[str, Frame], value: float
) -> float:
    """Of the sum of weighted residuals; draws of different batches are independent."""
    terms = []
    for one, count in counts.items():
        residual = weights[one] * (one.found - value)
        terms.append(count * (1.0 - 1.0 / weights[one]) * residual**2)
        for other, others in counts.items():
            pairs = count * (others - (one == other))
            if pairs and one.batch == other.batch:
                frame = frames[one.batch]
                both = joint_inclusion(one.strata, other.strata, frame.draws) * frame.pair_share
                apart = 1.0 / (weights[one] * weights[other])
                terms.append(pairs * (1.0 - apart / both) * residual * weights[other] * (other.found - value))
    return math.fsum(terms)


def _effective(
    counts: Mapping[Drawn, int], weights: Mapping[Drawn, float], value: float, variance: float
) -> float:
    """The size of a simple sample that would say as much.

    From the variance where there is one; where it claims more than a simple sample of this size would give, only
    half of that (on the log scale) is believed, as the variance is an estimate too. All alike: Kish's (1965).
    """
    n = sum(counts.values())
    total = math.fsum(weights[one] * count for one, count in counts.items())
    simple = n / (1.0 - n / total) if total > n else math.inf
    if not (0.0 < value < 1.0 and variance > 0.0):
        return min(total**2 / math.fsum(weights[one] ** 2 * count for one, count in counts.items()), simple)
    claimed = value * (1.0 - value) / variance
    effective = math.sqrt(claimed * simple) if claimed > simple else claimed
    if effective <= 2.0:
        return effective
    return effective * (normal_quantile(0.975) / t_quantile(0.975, effective - 1.0)) ** 2
