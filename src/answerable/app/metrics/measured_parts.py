"""From sums to numbers: each with its n and its interval, by the same statistics as evaluations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from answerable.evals.stats.estimate import Estimate
from answerable.evals.stats.proportions import wilson
from answerable.evals.stats.quantiles import quantile_interval
from answerable.monitor.definition import Definition
from answerable.monitor.measured import Measured
from answerable.monitor.spending import Question, cost_per_question

Row = Mapping[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def share(name: str, k: int, n: int, *, unmeasured: int = 0) -> Measured:
    """k of n with Wilson's interval; of nothing, nothing."""
    if n <= 0:
        return Measured(name=name, kind="share", n=0, k=0, unmeasured=unmeasured)
    interval = wilson(k, n)
    return Measured(
        name=name,
        kind="share",
        n=n,
        k=k,
        value=k / n,
        low=interval.low,
        high=interval.high,
        unmeasured=unmeasured,
    )


def clustered_share(name: str, k: int, n: int, *, clusters: int, squares: tuple[float, float, float]) -> Measured:
    """k of n where items come in clusters that stand or fall together, as the statements of an answer do.

    `squares` are the sums over clusters of k², k·n and n². The interval is Wilson's at the effective number of
    items, p(1 − p) / variance, the variance being that of the ratio of two totals (Kish 1965, Survey Sampling,
    section 6.3); where all items are alike it is the number of clusters: one that failed would fail as one.
    """
    if n <= 0:
        return share(name, 0, 0)
    p = k / n
    kk, kn, nn = squares
    spread = max(0.0, kk - 2.0 * p * kn + p * p * nn)
    variance = spread / n**2 * (clusters / (clusters - 1) if clusters > 1 else math.inf)
    effective = p * (1.0 - p) / variance if spread > 0.0 and 0.0 < p < 1.0 else float(clusters)
    effective = min(float(n), effective)
    interval = wilson(p * effective, effective)
    return Measured(name=name, kind="share", n=n, k=k, value=p, low=interval.low, high=interval.high)


def people(name: str, found: Estimate | None, *, k: int, unmeasured: int = 0) -> Measured:
    """What reviews came to; without a reading it is unmeasured."""
    if found is None:
        return Measured(name=name, kind="people", n=0, k=0, unmeasured=unmeasured)
    return Measured(
        name=name,
        kind="people",
        n=found.n,
        k=k,
        value=found.value,
        low=found.interval.low,
        high=found.interval.high,
        unmeasured=unmeasured,
    )


def quantile(name: str, values: Sequence[float], level: float, *, of: int, unit: str) -> Measured:
    """The value that `level` of all do not exceed; `of` items there should be."""
    found = quantile_interval(values, level)
    if found is None:
        return Measured(name=name, kind="quantile", n=0, unmeasured=of, unit=unit)
    return Measured(
        name=name,
        kind="quantile",
        n=found.n,
        value=found.value,
        low=_end(found.interval.low),
        high=_end(found.interval.high),
        unmeasured=max(0, of - found.n),
        unit=unit,
    )


def counted(name: str, value: float | Decimal | None, *, n: int, unit: str = "") -> Measured:
    """A sum or a ratio of sums: counted, so without an interval."""
    return Measured(name=name, kind="sum", n=n, value=None if value is None else float(value), unit=unit)


def refusal_parts(row: Row) -> list[Measured]:
    """Without what people say of them."""
    scope = row["in_scope"]
    return [
        share("abstained", row["abstained"], scope),
        share("partial", row["partial"], scope),
        *(counted(name, row[name], n=row["answers"]) for name in ("blocked", "failed", "escalated")),
    ]


def check_parts(row: Row) -> list[Measured]:
    """What the automatic check of sentences says."""
    squares = (row["supported2"], row["supported_shown"], row["shown2"])
    return [
        clustered_share(
            "supported", row["supported"], row["shown"], clusters=row["with_statements"], squares=squares
        ),
        share("nothing_withheld", row["checked"] - row["with_withheld"], row["checked"]),
    ]


def latency_parts(row: Row) -> list[Measured]:
    """Of whole answers, and to their first text."""
    total, first, n = row["total_ms"], row["first_text_ms"], row["answers"]
    return [
        *(quantile(f"p{level}", total, level / 100, of=n, unit="ms") for level in (50, 95, 99)),
        *(quantile(f"first_text_p{level}", first, level / 100, of=n, unit="ms") for level in (50, 95)),
    ]


def token_parts(row: Row, *, fixed: int | None) -> list[Measured]:
    """`fixed`: tokens of the beginning that never changes; None where the version is not known or not one."""
    n, of = row["counted"], row["calls"]
    return [
        quantile("input_p50", row["inputs"], 0.5, of=of, unit="tokens"),
        quantile("output_p50", row["outputs"], 0.5, of=of, unit="tokens"),
        counted("input", row["input"], n=n, unit="tokens"),
        counted("cached", row["cached"], n=n, unit="tokens"),
        counted("cached_share", row["cached"] / row["input"] if row["input"] else None, n=n),
        counted("output", row["output"], n=n, unit="tokens"),
        counted("fixed", fixed, n=n, unit="tokens"),
        counted("calls", row["calls"], n=row["answers"]),
        counted("hits", row["hits"], n=row["answers"]),
        counted("cost", row["cost"], n=n, unit="money"),
        counted("unpriced", row["unpriced"], n=n),
    ]


def cost_parts(row: Row) -> list[Measured]:
    """As `answerable cost show` reckons a question's cost."""
    questions = [
        Question(at=_EPOCH + timedelta(days=day), cost=Decimal(repr(cost)))
        for day, cost in zip(row["days"], row["costs"], strict=True)
    ]
    found = cost_per_question(questions)
    n, total, kept = found.priced, row["cost"], row["answered"]
    mean = Measured(
        name="mean",
        kind="mean",
        n=n,
        value=found.mean,
        low=found.low,
        high=found.high,
        unmeasured=row["unpriced"],
        unit="money",
    )
    return [
        mean,
        counted("median", found.median, n=n, unit="money"),
        counted("p95", found.p95, n=n, unit="money"),
        counted("per_kept", total / kept if kept and not row["unpriced"] else None, n=kept, unit="money"),
        counted("total", total, n=row["answers"], unit="money"),
        counted("unpriced", row["unpriced"], n=row["answers"]),
    ]


def feedback_parts(row: Row) -> list[Measured]:
    """What people said and did."""
    n = row["answers"]
    return [
        share("up", row["up"], row["rated"], unmeasured=n - row["rated"]),
        share("rated", row["rated"], n),
        share("solved", row["solved"], row["told"], unmeasured=n - row["told"]),
        share("followed", row["followed"], row["conversed"], unmeasured=n - row["conversed"]),
        share("escalated", row["escalated"], n),
    ]


def in_order(definition: Definition, numbers: Sequence[Measured]) -> tuple[Measured, ...]:
    """As the definition lists them. Raises KeyError for one that it does not know."""
    place = {one.name: n for n, one in enumerate(definition.parts)}
    return tuple(sorted(numbers, key=lambda one: place[one.name]))


def _end(value: float) -> float | None:
    return value if math.isfinite(value) else None
