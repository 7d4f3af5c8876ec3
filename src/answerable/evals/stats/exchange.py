"""Do the newest observations still belong to those before: a test by ranks, looked at after every run.

Some things are measured again and again, as the replies to the same questions. While nothing changes, every rank
of a new value among its own earlier ones is as likely, whatever the values' distribution, and ranks of one run
do not depend on those of another (Barndorff-Nielsen 1963). A bet on high ranks is then a fair one at best, its
capital a conformal test martingale (Vovk, Gammerman, Shafer 2005, chapter 7). Restarted at every run and summed
it is a Shiryaev-Roberts detector: to a false alarm it takes `runs_to_false_alarm` runs on average, at least.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Moved", "moved"]

_STAKES = (0.15, 0.4, 0.7, 0.95)
_LEAST = 3  # earlier values of one thing, before it is bet on


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Values became higher. `start` and `found` are indexes of runs; `evidence` is the detector's value."""

    start: int
    found: int
    evidence: float


def moved(runs: Sequence[Mapping[str, float]], *, runs_to_false_alarm: float) -> list[Moved]:
    """Each run gives values by name; a name may be missing. After a change, its start begins a new past.

    A value that ties with earlier ones has the middle of their ranks, whose mean is what it should be.
    """
    found: list[Moved] = []
    begin, at = 0, 0
    past: dict[str, list[float]] = {}
    bets: list[list[float]] = []  # log winnings of each run since `begin`, by stake
    while at < len(runs):
        bets.append(_bets(runs[at], past))
        for name, value in runs[at].items():
            insort(past.setdefault(name, []), value)
        evidence, start = _detector(bets)
        if evidence >= runs_to_false_alarm:
            found.append(Moved(start=begin + start, found=at, evidence=evidence))
            begin, past, bets = begin + start, {}, []
            for n in range(begin, at + 1):
                bets.append([0.0] * len(_STAKES))
                for name, value in runs[n].items():
                    insort(past.setdefault(name, []), value)
        at += 1
    return found


def _bets(run: Mapping[str, float], past: Mapping[str, Sequence[float]]) -> list[float]:
    won = [0.0] * len(_STAKES)
    for name, value in run.items():
        earlier = past.get(name, ())
        if len(earlier) < _LEAST:
            continue
        below, upto = bisect_left(earlier, value), bisect_right(earlier, value)
        rank = (below + (upto - below + 1) / 2) / (len(earlier) + 1)  # in (0, 1), 1/2 on average
        for n, stake in enumerate(_STAKES):
            won[n] += math.log1p(stake * (2.0 * rank - 1.0))
    return won


def _detector(bets: Sequence[Sequence[float]]) -> tuple[float, int]:
    """The sum over all starts of the mean capital since then, and the start that has most of it."""
    sums, best, place = 0.0, -math.inf, 0
    totals = [0.0] * len(_STAKES)
    for start in range(len(bets) - 1, -1, -1):
        totals = [total + won for total, won in zip(totals, bets[start], strict=True)]
        capital = sum(math.exp(min(one, 300.0)) for one in totals) / len(totals)
        sums += capital
        if capital > best:  # of runs that tell nothing the latest: the change is not before it
            best, place = capital, start
    return sums, place
