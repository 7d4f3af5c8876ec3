"""What another volume will cost, from what was recorded: M(v) = v·[(1 - h(v))·c_gen + c_rest] + c_aside.

h is the cache's share (monitor/hits.py), c_gen the reply's cost where a model gave it, c_rest what else a
question costs (embedding, reranking, rewriting, guards), c_aside what is spent outside of questions (judges,
evaluations), which does not grow with them. A hit's own cost is c_rest. Infrastructure is not in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from answerable.monitor.hits import HitCurve
from answerable.monitor.spending import FEW, LEAST_DAYS, RESAMPLES, Question, blocks_of, resampled_means

_SEED = 20_261_122
PRICE_CHANGE = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What was recorded in `days` days (with those on which nothing was asked). `asides` is money a day."""

    questions: tuple[Question, ...]
    days: float
    counts: tuple[int, ...]  # questions of each whole day
    asides: float = 0.0
    generation: float = 1.0  # what a reply costs as a multiple of what it did: another model


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """One volume. Money over `days` days, with 95 % of the simulated outcomes between `low` and `high`.

    `cheaper` and `dearer` are for prices 30 % lower and higher. `hits` is None without a cache.
    """

    volume: float
    days: int
    questions: float
    hits: float | None
    mean: float
    low: float
    high: float
    cheaper: float
    dearer: float
    extrapolated: bool

    @property
    def a_day(self) -> float:
        """Money a day."""
        return self.mean / self.days


def can_tell(basis: Basis) -> bool:
    """Whether the priced questions are enough for anything but their number."""
    return sum(one.cost is not None for one in basis.questions) >= FEW


def project(
    basis: Basis, volumes: Sequence[float], *, days: int, curve: HitCurve | None, seed: int = _SEED
) -> list[Projection]:
    """One projection a volume, in multiples of what was asked. `curve` None: no cache, every reply is generated.

    The interval is a simulation: days (or questions) are resampled for the costs, days drawn anew for the volume
    (a Poisson number where there are fewer than LEAST_DAYS), the curve drawn with its error. It knows of no trend,
    no season and no change of the questions.
    """
    priced = [one for one in basis.questions if one.cost is not None]
    asked = [one for one in priced if not one.hits] or priced
    generated = np.array([float(one.generated) for one in asked]) * basis.generation
    rest = np.array([float((one.cost or 0) - one.generated) for one in priced])
    c_gen = resampled_means(blocks_of(asked), [generated], seed=seed)[0]
    c_rest = resampled_means(blocks_of(priced), [rest], seed=seed)[0]
    rng = np.random.default_rng(seed + 1)
    normal = rng.standard_normal((2, RESAMPLES))
    found = []
    for volume in volumes:
        asked_n = _future(basis, volume, days, rng)
        hits = curve.drawn(volume, normal) if curve else np.zeros(RESAMPLES)
        money = asked_n * ((1.0 - hits) * c_gen + c_rest) + basis.asides * days
        per_day = len(basis.questions) / basis.days
        hit = curve.at(volume) if curve else 0.0
        questions = volume * per_day * days
        mean = questions * ((1.0 - hit) * float(generated.mean()) + float(rest.mean())) + basis.asides * days
        low, high = (float(one) for one in np.quantile(money, [0.025, 0.975]))
        found.append(
            Projection(
                volume=volume,
                days=days,
                questions=questions,
                hits=hit if curve else None,
                mean=mean,
                low=low,
                high=high,
                cheaper=mean * (1.0 - PRICE_CHANGE),
                dearer=mean * (1.0 + PRICE_CHANGE),
                extrapolated=curve is not None and volume > 1.0,
            )
        )
    return found


def counts_by_day(questions: Sequence[Question], days: Sequence[str]) -> tuple[int, ...]:
    """How many were asked on each of the days, those without any among them."""
    by_day = Counter(one.day for one in questions)
    return tuple(by_day[day] for day in days)


def _future(basis: Basis, volume: float, days: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """How many questions the next days may bring: days like those that were, drawn with replacement."""
    if len(basis.counts) >= LEAST_DAYS:
        drawn = rng.choice(np.array(basis.counts, dtype=float), size=(RESAMPLES, days))
        return np.asarray(volume * drawn.sum(axis=1), dtype=np.float64)
    mean = volume * days * len(basis.questions) / basis.days
    return np.asarray(rng.poisson(mean, size=RESAMPLES), dtype=np.float64)
