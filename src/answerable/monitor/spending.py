"""What questions cost: totals, a mean with its interval, and when a budget is at its end. Pure sums, no I/O."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEW = 30  # questions; below it there is a sum, and no mean
LEAST_DAYS = 5  # below it questions are drawn, not days
RESAMPLES = 2000
MOST_BLOCKS = 200  # of questions; more are drawn in groups, which say the same of a mean in a tenth of the time
_SEED = 20_261_122
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question with what all its calls cost; `generated` is the part for the reply itself."""

    at: datetime
    cost: Decimal | None  # None: a call of it has no price
    generated: Decimal = Decimal(0)
    hits: int = 0
    principal: str = ""
    key: str = ""  # equal where one reply could serve; empty: none could

    @property
    def day(self) -> str:
        """The day it was asked, in UTC."""
        return self.at.astimezone(UTC).date().isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class CostPerQuestion:
    """Over the `priced` of `n` questions. Mean, median, p95 and interval are None below FEW.

    The interval is a percentile bootstrap of 95 %, by whole days (`blocks`: day), which keeps together what a day
    has in common; with fewer than LEAST_DAYS of them by questions, which says too little about other days.
    """

    n: int
    priced: int
    total: Decimal
    mean: float | None = None
    median: float | None = None
    p95: float | None = None
    low: float | None = None
    high: float | None = None
    days: int = 0
    blocks: str = ""


def read_questions(rows: Sequence[Mapping[str, Any]]) -> list[Question]:
    """The rows of `Calls.by_trace`."""
    return [
        Question(
            at=row["at"],
            cost=row["cost"],
            generated=row["generated"],
            hits=row["hits"],
            principal=row["principal"],
            key=row["question"],
        )
        for row in rows
    ]


def cost_per_question(questions: Sequence[Question], *, seed: int = _SEED) -> CostPerQuestion:
    """The mean with its interval; what has no price is counted and left out."""
    priced = [one for one in questions if one.cost is not None]
    costs = np.array([float(one.cost or 0) for one in priced])
    total = sum((one.cost or Decimal(0) for one in priced), Decimal(0))
    days = len({one.day for one in priced})
    if len(priced) < FEW:
        return CostPerQuestion(n=len(questions), priced=len(priced), total=total, days=days)
    means = resampled_means(blocks_of(priced), [costs], seed=seed)[0]
    low, high = np.quantile(means, [0.025, 0.975])
    return CostPerQuestion(
        n=len(questions),
        priced=len(priced),
        total=total,
        mean=float(costs.mean()),
        median=float(np.median(costs)),
        p95=float(np.quantile(costs, 0.95)),
        low=float(low),
        high=float(high),
        days=days,
        blocks="day" if days >= LEAST_DAYS else "question",
    )


def blocks_of(questions: Sequence[Question]) -> NDArray[np.int64]:
    """To which block each question belongs, from 0: its day, or itself where the days are too few.

    Of more than MOST_BLOCKS such questions several share a block, by their place (the method of random groups:
    Wolter 2007, Introduction to Variance Estimation, chapter 2).
    """
    days = sorted({one.day for one in questions})
    if len(days) < LEAST_DAYS:
        return np.arange(len(questions)) % MOST_BLOCKS
    place = {day: i for i, day in enumerate(days)}
    return np.array([place[one.day] for one in questions])


def resampled_means(
    blocks: NDArray[np.int64], values: Sequence[Floats], *, seed: int, resamples: int = RESAMPLES
) -> list[Floats]:
    """Means of each of the values over resampled blocks, the same blocks for all, shape (resamples,) each."""
    count = int(blocks.max()) + 1
    sizes = np.bincount(blocks, minlength=count).astype(float)
    sums = [np.bincount(blocks, weights=each, minlength=count) for each in values]
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1.0 / count), size=resamples)
    n = drawn @ sizes
    return [np.asarray((drawn @ each) / n, dtype=np.float64) for each in sums]


def ends_at(*, spent: Decimal, limit: Decimal, start: datetime, end: datetime, now: datetime) -> datetime | None:
    """When a period's budget is spent at the rate of the period so far; None where it lasts, or nothing is spent.

    A budget that is spent already ended `now`.
    """
    if spent >= limit:
        return now
    elapsed_s = (now - start).total_seconds()
    if spent <= 0 or elapsed_s <= 0:
        return None
    left_s = float(limit - spent) / (float(spent) / elapsed_s)
    runs_out = now + timedelta(seconds=min(left_s, 10.0 * 366 * 86400))
    return runs_out if runs_out < end else None


def month_of(now: datetime) -> tuple[datetime, datetime]:
    """Its first moment, and the next month's, in UTC."""
    start = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, (start + timedelta(days=32)).replace(day=1)


def day_of(now: datetime) -> tuple[datetime, datetime]:
    """Its first moment, and the next day's, in UTC."""
    start = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)


def share(part: Decimal, whole: Decimal) -> float | None:
    """A share in [0, 1]; None of nothing."""
    return None if whole <= 0 else float(part / whole)


def finite(value: float) -> float | None:
    """The number; None where it is none."""
    return value if math.isfinite(value) else None
