"""Is the candidate worse than the stable version: a test that may be looked at after every answer.

The outcome of a unit is a badness in [0, 1]; its arm was drawn with a known chance (`share`). With that chance the
outcome becomes a score whose mean is the difference of the arms, whatever the base rate is at that moment (inverse
propensity weighting around a running center: Waudby-Smith et al. 2022, arXiv:2210.10768, section 2). Against "the
difference is at most the margin" a bettor stakes part of his capital on every score; by Ville's inequality the
capital ever reaches 1/alpha with a chance of at most alpha (Waudby-Smith and Ramdas 2024, JRSS-B 86:1, section 4).
The capital at every other difference gives the interval, which holds at all looks at once.

What makes it valid: a unit enters once, units enter in an order that no arm can change, and their arms are drawn
independently. So the unit is a person, never an answer (persons.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from itertools import islice
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from answerable.evals.stats.estimate import Interval

__all__ = ["BOLD", "STAKES", "Plan", "State", "Unit", "Verdict", "Word", "bets", "grown", "mixed", "rate_at_most"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

STAKES = np.array([0.01, 0.03, 0.06, 0.12, 0.24, 0.48])  # shares of what can be lost, one bettor each
BOLD = np.array([0.05, 0.2, 0.4, 0.65, 0.85, 0.98])  # where only the bad ones are units: two may be enough
_BLOCK = 16  # units
_FINE, _MIDDLE, _COARSE, _WIDE = (0.0, 0.02, 0.001), (0.02, 0.1, 0.0025), (0.1, 0.3, 0.01), (0.3, 0.99, 0.05)
_STEPS = np.concatenate([np.arange(*each) for each in (_FINE, _MIDDLE, _COARSE, _WIDE)]).round(4)  # differences


class Word(StrEnum):
    """What a look may end in."""

    KEEP = "keep"
    ROLL_BACK = "roll back"
    CANT_TELL = "can't tell yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One person's outcome: `value` in [0, 1], 1 the worst; `share` is that person's chance of the candidate."""

    value: float
    candidate: bool
    share: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.value <= 1.0:
            raise ValueError(f"a value of {self.value} is not in [0, 1]")
        if not 0.0 < self.share < 1.0:
            raise ValueError(f"a share of {self.share} leaves nothing to compare: it has to be between 0 and 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Fixed before the first unit. Differences are in badness, in [0, 1): 0.01 is a point.

    Roll back what is proven to be worse by more than `margin`; keep what is proven to be worse by less than
    `tolerated`, which is no smaller. `alpha`: the chance of ever rolling back a candidate that is within the
    margin, and of ever keeping one that is beyond what is tolerated. `center`: around what outcomes are scored, in
    [0, 1]; None: their running mean, which is best unless only the bad ones are units (then 0).
    """

    alpha: float = 0.05
    margin: float = 0.0
    tolerated: float = 0.0
    center: float | None = None

    def __post_init__(self) -> None:
        if not 0.0 < self.alpha < 0.5:
            raise ValueError(f"an alpha of {self.alpha} is not in (0, 0.5)")
        if not 0.0 <= self.margin <= self.tolerated < 1.0:
            raise ValueError(f"0 ≤ margin {self.margin} ≤ tolerated {self.tolerated} < 1 does not hold")

    @property
    def stakes(self) -> Floats:
        """Of the bettors: small ones for shares, where each unit says little."""
        return BOLD if self.center == 0.0 else STAKES


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One look. Rates are means of badness; `difference` is candidate − stable, None until both arms have a unit.

    `interval` holds at all looks together and has the confidence 1 − 2·alpha: its low end reaches the margin when
    the evidence of this look is enough. `evidence` is the e-value against "not worse than the margin", `highest`
    its maximum so far, which decides: from `needed` (1/alpha) on it is roll back, and stays so.
    """

    word: Word
    candidates: int
    stables: int
    candidate_rate: float | None
    stable_rate: float | None
    interval: Interval
    evidence: float
    highest: float
    needed: float

    @property
    def difference(self) -> float | None:
        """candidate − stable, in badness."""
        if self.candidate_rate is None or self.stable_rate is None:
            return None
        return self.candidate_rate - self.stable_rate


def bets(
    value: Floats | float,
    candidate: Flags | bool,
    share: Floats | float,
    center: Floats | float,
    margin: Floats | float,
) -> tuple[Floats, Floats]:
    """What a stake of 1 wins on a unit, at least −1; at most 0 on average under the hypothesis. It broadcasts.

    First against "the difference is at most the margin", then against "it is at least the margin".
    """
    score = np.where(candidate, (value - center) / share, (center - value) / (1.0 - share))
    lowest = np.maximum(center / share, (1.0 - center) / (1.0 - share))  # score ≥ −lowest
    highest = np.maximum((1.0 - center) / share, center / (1.0 - share))  # score ≤ highest
    return (score - margin) / (lowest + margin), (margin - score) / (highest - margin)


def grown(bet: Floats, stakes: Floats = STAKES) -> Floats:
    """What the capital of each bettor is multiplied with, shape (…, bettors); above 0."""
    return 1.0 + stakes * bet[..., None]


def mixed(log_capital: Floats) -> Floats:
    """The logarithm of the bettors' mean capital, over the last axis."""
    top = log_capital.max(axis=-1)
    return np.asarray(top + np.log(np.exp(log_capital - top[..., None]).mean(axis=-1)))


def _differences(plan: Plan) -> Floats:
    """Those whose capital is kept: margin and tolerated first, then ever coarser ones to both sides of 0."""
    return np.concatenate([[plan.margin, plan.tolerated], -_STEPS[:0:-1], _STEPS])


def _untouched() -> Floats:
    return np.zeros((2 * len(_STEPS) + 1, len(STAKES)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """All that is known after some units. Frozen: `after` gives the next one."""

    plan: Plan = field(default_factory=Plan)
    counts: tuple[int, int] = (0, 0)  # of stable, of candidate
    sums: tuple[float, float] = (0.0, 0.0)  # of their badness
    worse: Floats = field(default_factory=_untouched)  # log capital: differences × bettors
    better: Floats = field(default_factory=_untouched)
    peaks: tuple[float, float] = (0.0, 0.0)  # of the log evidence: worse than the margin, better than tolerated

    def after(self, unit: Unit) -> Self:
        """With one more unit, which is the next in the order."""
        return self.after_all((unit,))

    def after_all(self, units: Iterable[Unit]) -> Self:
        """With several more, in their order."""
        state = self
        for block in _batched(units, _BLOCK):
            state = state._after_block(block)
        return state

    def _after_block(self, units: Sequence[Unit]) -> Self:
        counts, sums, centers = list(self.counts), list(self.sums), []
        for unit in units:
            centers.append(self._center(sum(counts), sum(sums)))
            counts[unit.candidate] += 1
            sums[unit.candidate] += unit.value
        paid = bets(
            np.array([[unit.value] for unit in units]),
            np.array([[unit.candidate] for unit in units]),
            np.array([[unit.share] for unit in units]),
            np.array(centers)[:, None],
            _differences(self.plan),
        )
        many = [grown(each, self.plan.stakes) for each in paid]
        capitals = (self.worse, self.better)
        paths = [
            kept[row] + np.log(each[:, row]).cumsum(axis=0)
            for row, kept, each in zip((0, 1), capitals, many, strict=True)
        ]
        peaks = [max(peak, float(mixed(path).max())) for peak, path in zip(self.peaks, paths, strict=True)]
        # one logarithm a block: 16 factors are too few to leave the range of a double
        worse, better = (kept + np.log(each.prod(axis=0)) for kept, each in zip(capitals, many, strict=True))
        return replace(
            self,
            counts=(counts[0], counts[1]),
            sums=(sums[0], sums[1]),
            worse=worse,
            better=better,
            peaks=(peaks[0], peaks[1]),
        )

    def verdict(self) -> Verdict:
        """What may be said now."""
        needed = -math.log(self.plan.alpha)
        word = Word.CANT_TELL
        if self.peaks[1] >= needed:
            word = Word.KEEP
        if self.peaks[0] >= needed:
            word = Word.ROLL_BACK
        rates = [total / n if n else None for total, n in zip(self.sums, self.counts, strict=True)]
        return Verdict(
            word=word,
            candidates=self.counts[1],
            stables=self.counts[0],
            candidate_rate=rates[1],
            stable_rate=rates[0],
            interval=self._interval(needed),
            evidence=_exp(float(mixed(self.worse[0]))),
            highest=_exp(self.peaks[0]),
            needed=1.0 / self.plan.alpha,
        )

    def as_json(self) -> dict[str, Any]:
        """JSON-able, so that a later look goes on from here."""
        return {
            "plan": asdict(self.plan),
            "counts": list(self.counts),
            "sums": list(self.sums),
            "worse": self.worse.tolist(),
            "better": self.better.tolist(),
            "peaks": list(self.peaks),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """What `as_json` gave. Raises KeyError, TypeError or ValueError for anything else."""
        stable, candidate = kept["counts"]
        return cls(
            plan=Plan(**kept["plan"]),
            counts=(int(stable), int(candidate)),
            sums=(float(kept["sums"][0]), float(kept["sums"][1])),
            worse=np.array(kept["worse"], dtype=np.float64),
            better=np.array(kept["better"], dtype=np.float64),
            peaks=(float(kept["peaks"][0]), float(kept["peaks"][1])),
        )

    def _center(self, n: int, total: float) -> float:
        """Predictable: from earlier units only, with one half of a bad one that nobody saw."""
        return (total + 0.5) / (n + 1.0) if self.plan.center is None else self.plan.center

    def _interval(self, needed: float) -> Interval:
        """The differences that neither capital speaks against, rounded outwards to those that were tried."""
        tried = _differences(self.plan)
        below = tried[mixed(self.worse) >= needed]  # the difference is proven to be larger
        above = tried[mixed(self.better) >= needed]
        return Interval(
            low=float(below.max(initial=-1.0)),
            high=float(above.min(initial=1.0)),
            confidence=1.0 - 2.0 * self.plan.alpha,
        )


def _batched(units: Iterable[Unit], size: int) -> Iterator[tuple[Unit, ...]]:
    """Blocks of at most `size`, in order."""
    left = iter(units)
    while block := tuple(islice(left, size)):
        yield block


def rate_at_most(k: int, n: int, *, alpha: float) -> float:
    """The most that a chance may be after k of n, at all n together with the confidence 1 − alpha. n = 0: 1.

    Robbins 1970 (Ann. Math. Statist. 41:1397): the likelihood against its mean under the uniform prior is a
    martingale. 0 of 100 at 0.95 is 7.3 %; looked at once, it would be 3 %.
    """
    if k >= n:
        return 1.0
    mean = math.lgamma(k + 1) + math.lgamma(n - k + 1) - math.lgamma(n + 2)
    low, high = k / n, 1.0 - 1e-15
    for _ in range(60):
        middle = (low + high) / 2.0
        hits = k * math.log(middle) if k else 0.0
        too_high = mean - hits - (n - k) * math.log1p(-middle) >= -math.log(alpha)
        low, high = (low, middle) if too_high else (middle, high)
    return high


def _exp(log_evidence: float) -> float:
    """The e-value; what is beyond any table is the largest number there is, not an error."""
    return math.exp(min(log_evidence, 700.0))
