"""Each metric of a simulated month beside the truth: what is compared, and how often intervals hold it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from answerable.evals.stats.proportions import exact
from answerable.testing.simulation.truth import Truth

_CLOSE = 5e-7  # money is kept to a millionth


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A truth by its name, and the number that should tell it: `metric show METRIC`, part PART.

    `whole`: it is counted over all tasks, so that it has to be right to the last one where the detector of
    follow-ups makes no mistake; else it is estimated from a sample. `bound`: low, high or none: what the number
    claims to be of the truth.
    """

    truth: str
    metric: str
    part: str
    whole: bool = True
    bound: str = ""


PAIRS = (
    Pair(truth="completed", metric="completion", part="corrected", whole=False),
    Pair(truth="completion.low", metric="completion", part="low"),
    Pair(truth="completion.high", metric="completion", part="high"),
    Pair(truth="completed", metric="completion", part="low", bound="low"),
    Pair(truth="completed", metric="completion", part="high", bound="high"),
    Pair(truth="ended.failed", metric="completion", part="failed"),
    Pair(truth="ended.reopened", metric="completion", part="reopened"),
    Pair(truth="ended.unseen", metric="completion", part="unknown"),
    Pair(truth="escalation.rate", metric="escalation", part="any"),
    Pair(truth="escalation.failure", metric="escalation", part="failure"),
    Pair(truth="escalation.asked", metric="escalation", part="asked"),
    Pair(truth="escalation.policy", metric="escalation", part="policy"),
    Pair(truth="escalation.missed", metric="escalation", part="missed", whole=False),
    Pair(truth="escalation.human_need", metric="escalation", part="human_need", whole=False),
    Pair(truth="satisfaction.up", metric="satisfaction", part="up"),
    Pair(truth="satisfaction.coverage", metric="satisfaction", part="rated"),
    Pair(truth="satisfaction.repeat", metric="satisfaction", part="repeat"),
    Pair(truth="satisfaction.return", metric="satisfaction", part="return_28"),
    Pair(truth="right", metric="satisfaction", part="worst", bound="low"),
    Pair(truth="right", metric="satisfaction", part="best", bound="high"),
    Pair(truth="harm.rate", metric="harm", part="harmful", whole=False),
    Pair(truth="cost.task", metric="task_cost", part="per_task"),
    Pair(truth="cost.completed", metric="task_cost", part="per_completed", whole=False),
    Pair(truth="refusals.rate", metric="abstention", part="abstained"),
    Pair(truth="refusals.over", metric="abstention", part="over_refusal", whole=False),
    Pair(truth="refusals.under", metric="abstention", part="under_refusal", whole=False),
    Pair(truth="follow_ups.rate", metric="follow_ups", part="followed"),
    Pair(truth="follow_ups.rephrase", metric="follow_ups", part="rephrased", whole=False),
    Pair(truth="follow_ups.rephrase", metric="follow_ups", part="rephrase_seen"),
    Pair(truth="follow_ups.pushback", metric="follow_ups", part="pushback"),
    Pair(truth="staleness.answers", metric="staleness", part="answers"),
    Pair(truth="conflicts.exposure", metric="conflicts", part="exposed"),
    Pair(truth="latency.p95", metric="speed", part="p95"),
    Pair(truth="deadline", metric="speed", part="deadline_hits"),
    Pair(truth="fallback", metric="fallback", part="fallback"),
    Pair(truth="cache", metric="cache", part="hits"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """What the product says: a value, where the truth should be, and of how many."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0


Numbers = Mapping[tuple[str, str], Number]  # (metric, part) → what it says


def compared(truth: Mapping[str, Truth], said: Numbers) -> list[dict[str, Any]]:
    """A row a pair; `covered` is None where one of the two is not there."""
    return [_row(pair, truth.get(pair.truth), said.get((pair.metric, pair.part))) for pair in PAIRS]


def _row(pair: Pair, truth: Truth | None, said: Number | None) -> dict[str, Any]:
    true = truth.value if truth else None
    value = said.value if said else None
    return {
        "metric": pair.metric,
        "part": pair.part,
        "of": pair.truth,
        "bound": pair.bound,
        "truth": _short(true),
        "value": _short(value),
        "low": _short(said.low) if said else None,
        "high": _short(said.high) if said else None,
        "n": said.n if said else 0,
        "covered": None if true is None or said is None or value is None else holds(pair, true, said),
    }


def holds(pair: Pair, truth: float, said: Number) -> bool:
    """Whether the number keeps what it claims of this truth."""
    assert said.value is not None
    if pair.bound == "low":
        return said.value <= truth
    if pair.bound == "high":
        return truth <= said.value
    low = said.value if said.low is None else said.low
    high = said.value if said.high is None else said.high
    return low - _CLOSE <= truth <= high + _CLOSE


def coverage(months: Sequence[tuple[Mapping[str, Truth], Numbers]]) -> list[dict[str, Any]]:
    """How often each interval held the month's own truth, and that of the long run: all months together."""
    return [found for pair in PAIRS if (found := _covered(pair, months))]


def _covered(pair: Pair, months: Sequence[tuple[Mapping[str, Truth], Numbers]]) -> dict[str, Any] | None:
    told = [
        (truth[pair.truth], said[pair.metric, pair.part])
        for truth, said in months
        if pair.truth in truth and (pair.metric, pair.part) in said
    ]
    told = [(truth, one) for truth, one in told if truth.value is not None and one.value is not None]
    if not told:
        return None
    weight = sum(truth.n for truth, _ in told)
    long_run = sum(truth.value * truth.n for truth, _ in told) / weight
    own = sum(holds(pair, truth.value, one) for truth, one in told)
    run = sum(holds(pair, long_run, one) for _, one in told)
    within = exact(run, len(told))
    widths = [one.high - one.low for _, one in told if one.low is not None and one.high is not None]
    return {
        "metric": pair.metric,
        "part": pair.part,
        "of": pair.truth,
        "bound": pair.bound,
        "months": len(told),
        "truth": _short(long_run),
        "mean": _short(sum(one.value for _, one in told) / len(told)),
        "width": _short(sum(widths) / len(widths)) if widths else None,
        "own": own,
        "long_run": run,
        "long_run_low": round(within.low, 3),
        "long_run_high": round(within.high, 3),
    }


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
