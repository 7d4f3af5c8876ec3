"""Did a level change, and since when: a test on means by block that may be looked at after every block.

Blocks are of equal length. A block's mean is a level, an effect of the time of day and of the weekday, and noise
whose size is known from the persons behind it. Against "no change" stands, for each earlier block, "the level
changed there, by an amount drawn from N(0, s²)". Their Bayes factor does not depend on the level, which has a flat
prior, so it is an e-process for "no change" (Grünwald, de Heide, Koolen 2024, JRSS-B 86:5, on group invariance;
for linear models Lindon et al. 2022, arXiv:2210.08589). Their sum over all starts is an e-detector of the
Shiryaev-Roberts kind: stopped at c, its mean time to a false alarm is at least c blocks (Shin, Ramdas, Rinaldo
2024, NEJSDS 2:2, theorem 2.4). The same factors, normed, say where the change lies.

What is not exact: noise is taken to be normal, and its size is estimated. benchmarks/drift_false_alarms.py
measures what that costs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["PER_DAY", "Block", "Change", "Sensing", "changes"]

Floats = npt.NDArray[np.float64]

PER_DAY = 4  # blocks
_FLAT = 1e-9  # precision of a level that may be anything
_SLOTS = PER_DAY - 1 + 6  # effects: the blocks of a day but one, the weekdays but one
_EVEN = 4  # blocks that the spread between blocks is taken to be as among persons, before any are seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block's sums. `day` counts days from any Monday on, `slot` is in [0, PER_DAY); n may be 0.

    `total` is of the values; `nn`, `nx`, `xx` are sums over persons of answers², answers · values, values².
    """

    day: int
    slot: int
    n: int
    total: float
    nn: float
    nx: float
    xx: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensing:
    """`blocks_to_false_alarm`: on average, at least. `shift`: of a change that is looked for, and `season`: of the
    effects of time, both in standard deviations of one answer. `burn_in`: blocks before the first look.
    """

    blocks_to_false_alarm: float
    share: bool = True  # values are 0 or 1
    shift: float = 0.25
    season: float = 0.15
    burn_in: int = 3 * PER_DAY
    longest: int = 28 * PER_DAY  # how far back a change may lie


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change that was found. All places are indexes of blocks.

    It lies in [`earliest`, `latest`], each with 95 % of the belief, best at `start`; it was known after the block
    `found`. `before` and `after` are means of the values, `n_before` and `n` the answers behind them. `low` and
    `high` bound the change itself, 95 %, at the look that found it. `evidence`: the e-detector's value.
    """

    start: int
    earliest: int
    latest: int
    found: int
    before: float
    after: float
    n_before: int
    n: int
    low: float
    high: float
    evidence: float


def changes(blocks: Sequence[Block], sensing: Sensing, *, breaks: Sequence[int] = ()) -> list[Change]:
    """All changes, in order; after one, its start is where the next level begins.

    At `breaks` a new level begins without anything being said, as where a definition changed.
    """
    found: list[Change] = []
    levels = [0, *sorted(one for one in breaks if 0 < one < len(blocks))]
    known = _Known(blocks, sensing)
    last = 0
    for upto in range(sensing.burn_in, len(blocks) + 1):
        if blocks[upto - 1].n == 0:
            continue
        starts = [one for one in levels if one < upto]
        if (one := known.look(starts, upto, last)) is not None:
            found.append(one)
            levels = sorted({*levels, one.start})
            last = upto
    return found


class _Known:
    """The blocks as arrays."""

    def __init__(self, blocks: Sequence[Block], sensing: Sensing) -> None:
        self.sensing = sensing
        self.n = np.array([one.n for one in blocks], dtype=np.float64)
        self.total = np.array([one.total for one in blocks])
        self.squares = np.array([[one.nn, one.nx, one.xx] for one in blocks]).reshape(-1, 3)
        self.mean = np.divide(self.total, self.n, out=np.zeros_like(self.n), where=self.n > 0)
        self.effects = _effects(blocks)

    def look(self, levels: Sequence[int], upto: int, quiet: int) -> Change | None:
        """Is there a change in the last level, after `upto` blocks? None before `burn_in` of them are in it."""
        begin = levels[-1]
        if upto - begin < min(self.sensing.burn_in, PER_DAY + 1) or upto <= quiet:
            return None
        spread = self._spread(levels, upto)
        if spread is None:
            return None
        first = max(begin + PER_DAY, upto - self.sensing.longest)
        if first >= upto:
            return None
        shift, variance = self._shifts(levels, first, upto, spread)
        variance = self._widened(variance, shift, begin, first, upto)
        prior = (self.sensing.shift * spread.one) ** 2
        log_factor = 0.5 * (
            np.log(variance / (variance + prior)) + shift**2 * prior / (variance * (variance + prior))
        )
        top = float(log_factor.max())
        evidence = top + math.log(float(np.exp(log_factor - top).sum()))
        if evidence < math.log(self.sensing.blocks_to_false_alarm):
            return None
        return self._change(begin, first, upto, log_factor, shift, variance, evidence)

    def _spread(self, levels: Sequence[int], upto: int) -> _Spread | None:
        """Of one answer: by persons within the blocks, and as large as the blocks differ."""
        n, total = self.n[:upto], self.total[:upto]
        many = n.sum()
        if many < 2:
            return None
        mean = total.sum() / many
        nn, nx, xx = self.squares[:upto].sum(axis=0)
        by_persons = max(0.0, xx - 2 * mean * nx + mean**2 * nn) / many
        one = by_persons
        if self.sensing.share:
            likely = (total.sum() + 1.0) / (many + 2.0)
            one = likely * (1.0 - likely)
            by_persons = max(by_persons, one)
        if by_persons <= 0.0:
            return None
        return _Spread(one=math.sqrt(one), answer=by_persons * self._uneven(levels, upto, by_persons))

    def _uneven(self, levels: Sequence[int], upto: int, answer: float) -> float:
        """How much more blocks differ than persons in them make them, at least 1: from differences of neighbors,
        which a change of the level hardly touches (von Neumann 1941), to the same hour of the day before, too.
        """
        worst = 1.0
        for lag in (1, PER_DAY):
            here = np.arange(levels[-1] + lag, upto)
            both = here[(self.n[here] > 0) & (self.n[here - lag] > 0)]
            if not len(both):
                continue
            noise = answer * (1.0 / self.n[both] + 1.0 / self.n[both - lag])
            steps = np.sort((self.mean[both] - self.mean[both - lag]) ** 2 / noise)
            steps = np.minimum(steps, 9.0)
            worst = max(worst, (float(steps.sum()) + 1.2 * _EVEN) / (len(steps) + _EVEN))
        return worst

    def _shifts(self, levels: Sequence[int], first: int, upto: int, spread: _Spread) -> tuple[Floats, Floats]:
        """For a change at each block of [first, upto): how large it would be, and the variance of that."""
        weight = self.n[:upto] / spread.answer
        design = np.concatenate([_levels(levels, upto), self.effects[:upto]], axis=1)
        season = 1.0 / (self.sensing.season * spread.one) ** 2
        prior = np.diag([_FLAT * weight.max()] * len(levels) + [season] * _SLOTS)
        weighted = design * weight[:, None]
        inverse = np.linalg.inv(design.T @ weighted + prior)
        y = self.mean[:upto]
        center = float((weight * y).sum() / weight.sum())
        y = y - center  # a flat prior does not mind, and the numbers are smaller
        fitted = inverse @ (weighted.T @ y)
        tail_x = weighted[::-1].cumsum(axis=0)[::-1][first:]
        tail_w = weight[::-1].cumsum()[::-1][first:]
        tail_y = (weight * y)[::-1].cumsum()[::-1][first:]
        precision = tail_w - np.einsum("ij,jk,ik->i", tail_x, inverse, tail_x)
        precision = np.maximum(precision, 1e-12 * max(1.0, float(weight.sum())))
        return (tail_y - tail_x @ fitted) / precision, 1.0 / precision

    def _widened(self, variance: Floats, shift: Floats, begin: int, first: int, upto: int) -> Floats:
        """A share is as unsure as the less sure one of its two levels, where that is less sure than both together:
        a few persons may make a burst of what is rare.
        """
        if not self.sensing.share:
            return variance
        n, total = self.n[begin:upto].cumsum(), self.total[begin:upto].cumsum()
        here = np.arange(first, upto) - begin - 1
        n0, n1 = n[here], n[-1] - n[here]
        whole = (total[-1] + 0.5) / (n[-1] + 1.0)
        before = (total[here] + 0.5) / (n0 + 1.0)
        after = np.clip(before + shift, 0.5 / (n1 + 1.0), 1.0 - 0.5 / (n1 + 1.0))
        level = np.maximum(before * (1.0 - before), after * (1.0 - after)) / (whole * (1.0 - whole))
        return np.asarray(variance * np.maximum(1.0, level))

    def _change(
        self,
        begin: int,
        first: int,
        upto: int,
        log_factor: Floats,
        shift: Floats,
        variance: Floats,
        evidence: float,
    ) -> Change:
        belief = np.exp(log_factor - log_factor.max())
        belief /= belief.sum()
        best = int(belief.argmax())
        likely = np.sort(np.argsort(-belief, kind="stable")[: _enough(np.sort(belief)[::-1])])
        start, width = first + best, 1.96 * math.sqrt(float(variance[best]))
        n0, n1 = float(self.n[begin:start].sum()), float(self.n[start:upto].sum())
        return Change(
            start=start,
            earliest=first + int(likely[0]),
            latest=first + int(likely[-1]),
            found=upto - 1,
            before=float(self.total[begin:start].sum()) / max(1.0, n0),
            after=float(self.total[start:upto].sum()) / max(1.0, n1),
            n_before=int(n0),
            n=int(n1),
            low=float(shift[best]) - width,
            high=float(shift[best]) + width,
            evidence=math.exp(min(evidence, 700.0)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spread:
    one: float  # standard deviation of an answer
    answer: float  # variance that a mean of n answers has, times n


def _enough(falling: Floats) -> int:
    return int(np.searchsorted(falling.cumsum(), 0.95)) + 1


def _levels(levels: Sequence[int], upto: int) -> Floats:
    """A column a level: 1 while it lasts."""
    ends = [*levels[1:], upto]
    columns = np.zeros((upto, len(levels)))
    for n, (begin, end) in enumerate(zip(levels, ends, strict=True)):
        columns[begin:end, n] = 1.0
    return columns


def _effects(blocks: Sequence[Block]) -> Floats:
    columns = np.zeros((len(blocks), _SLOTS))
    for n, one in enumerate(blocks):
        if one.slot:
            columns[n, one.slot - 1] = 1.0
        if one.day % 7:
            columns[n, PER_DAY - 2 + one.day % 7] = 1.0
    return columns
