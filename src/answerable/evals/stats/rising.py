"""Has a share risen: a test of counts that goes on for ever and is looked at after every batch.

Several bettors stake a part of their capital on every unit against "the share is at most `most`" (x is 1 where it
is bad): e = 1 + stake / most · (x − most), whose mean is at most 1 while that holds, whatever came before. Who has
lost begins again with 1, which makes his capital a CUSUM e-detector; so is the mean of several. The mean number of
looks until one of them reaches c, while nothing has changed, is at least c (Shin, Ramdas and Rinaldo 2024,
"E-detectors: a nonparametric framework for sequential change detection", New England J. Stat. Data Sci. 2:2,
Theorem 2.4). A batch is one look: the order of its units does not matter.

What it needs: that the chance of a bad unit is at most `most` given all that came before. Units in clumps (one
person who asks the same ten times) break it; `most` is set above the usual share for that reason.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["STAKES", "Rising", "looks_for"]

STAKES = (0.02, 0.05, 0.12, 0.25, 0.45, 0.7)  # of what can be lost on one unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One bettor since he began with 1: the logarithm of his capital, and what he has seen since then."""

    log: float = 0.0
    since: float = 0.0  # the time of the batch that he began with, as the caller tells time
    n: int = 0
    bad: int = 0


def _untouched() -> tuple[Run, ...]:
    return tuple(Run() for _ in STAKES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rising:
    """All that is known after some batches. Frozen: `after` gives the next one."""

    runs: tuple[Run, ...] = field(default_factory=_untouched)

    def after(self, n: int, bad: int, *, most: float, at: float) -> Rising:
        """With one more batch: `bad` of `n` units; `most` in (0, 1) is the largest share that is well."""
        if not 0 <= bad <= n:
            raise ValueError(f"{bad} of {n} are no counts")
        if not 0.0 < most < 1.0:
            raise ValueError(f"a share of {most} is not between 0 and 1")
        if not n:
            return self
        return Rising(
            runs=tuple(_after(run, stake, n, bad, most, at) for run, stake in zip(self.runs, STAKES, strict=True))
        )

    @property
    def log_evidence(self) -> float:
        """The logarithm of the bettors' mean capital."""
        top = max(run.log for run in self.runs)
        return top + math.log(math.fsum(math.exp(run.log - top) for run in self.runs) / len(self.runs))

    @property
    def leading(self) -> Run:
        """The richest bettor: when he began is the likely time of the change (Page 1954, Biometrika 41:100)."""
        return max(self.runs, key=lambda run: run.log)

    @property
    def is_quiet(self) -> bool:
        """Nobody holds more than he began with: as good as new."""
        return all(run.log <= 0.0 for run in self.runs)

    def as_json(self) -> list[list[float]]:
        """A list a bettor."""
        return [[run.log, run.since, run.n, run.bad] for run in self.runs]

    @classmethod
    def from_json(cls, kept: Sequence[Sequence[float]]) -> Rising:
        """What `as_json` gave; from other stakes than today's: as new."""
        if len(kept) != len(STAKES):
            return cls()
        return cls(runs=tuple(Run(log=log, since=since, n=int(n), bad=int(bad)) for log, since, n, bad in kept))


def looks_for(*, false_alarms: float, looks: float, tests: int) -> float:
    """The logarithm of the evidence to wait for, so that `tests` together cry wolf at most `false_alarms` times.

    `looks` is the number of looks in the period that false alarms are counted in: 43,200 for a look a minute in 30
    days. Valid whatever the tests have to do with each other: expected numbers add up.
    """
    return math.log(looks * max(1, tests) / false_alarms)


def _after(run: Run, stake: float, n: int, bad: int, most: float, at: float) -> Run:
    begun = run if run.log > 0.0 else Run(since=at)
    gain = bad * math.log1p(stake * (1.0 - most) / most) + (n - bad) * math.log1p(-stake)
    return Run(log=begun.log + gain, since=begun.since, n=begun.n + n, bad=begun.bad + bad)
