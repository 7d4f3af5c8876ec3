"""What a guard metric counts as bad: one rule a metric, over an answer as the database has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal

from answerable.core.degraded import (
    CONTINUED_EXTRACTIVELY,
    CUT_SHORT,
    EXTRACTIVE,
    EXTRACTIVE_LEXICAL_ONLY,
    PROVIDER_REFUSED,
    PROVIDER_REJECTED,
)
from answerable.core.errors import ConfigError
from answerable.core.outcome import Outcome
from answerable.evals.review.strata import REPHRASED_S, REPHRASED_SHARE
from answerable.evals.stats.persons import Outcome as Counted
from answerable.text.stems import stems

FALLEN_BACK = frozenset(
    {EXTRACTIVE, EXTRACTIVE_LEXICAL_ONLY, CONTINUED_EXTRACTIVELY, PROVIDER_REFUSED, PROVIDER_REJECTED}
)
HEARD = timedelta(
    minutes=15
)  # after an answer: what its asker says later does not count, so that it cannot change
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An answer, whether its asker soon asked much the same again, and the time it was to take."""

    row: Row
    again: bool
    deadline_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardMetric:
    """`bad` says of an answer whether it is; more of it is worse.

    `kind`: a share, of persons' answers within `window` of their first; or an event, so rare that the first one
    of a person is what is counted, whenever it comes to light.
    """

    name: str
    meaning: str
    bad: Callable[[Asked], bool]
    margin: float = 0.01  # in [0, 1): a point; worse by more is rolled back
    tolerated: float = 0.03  # worse by less is kept
    kind: Literal["share", "event"] = "share"
    window: timedelta = timedelta(minutes=30)
    settles: timedelta = timedelta(0)


def _incomplete(one: Asked) -> bool:
    row = one.row
    said_no = row["value"] == "down" or row["solved"] == "no"
    return not Outcome(row["outcome"]).answers or said_no or one.again


def _failed(one: Asked) -> bool:
    return one.row["outcome"] == Outcome.FAILED or not FALLEN_BACK.isdisjoint(one.row["degraded"])


def _late(one: Asked) -> bool:
    return CUT_SHORT in one.row["degraded"] or float(one.row["duration_ms"]) > 1000.0 * one.deadline_s


_ALL = (
    GuardMetric(
        name="task_completion",
        meaning="not answered, or the asker said no to it or asked again within 10 minutes",
        bad=_incomplete,
        settles=HEARD,
    ),
    GuardMetric(
        name="harmful",
        meaning="called harmful by its asker, or S1 or S2 by a reviewer",
        bad=lambda one: one.row["harmful_at"] is not None,
        margin=0.0,
        tolerated=0.0,
        kind="event",
    ),
    GuardMetric(
        name="refusals",
        meaning="abstained; fewer of them is no alarm",
        bad=lambda one: one.row["outcome"] == Outcome.ABSTAINED,
    ),
    GuardMetric(
        name="failures",
        meaning="failed, or fell back to quotes because no model wrote",
        bad=_failed,
        window=timedelta(minutes=10),
    ),
    GuardMetric(
        name="thumbs_down",
        meaning="thumbs down within 15 minutes",
        bad=lambda one: one.row["value"] == "down",
        settles=HEARD,
    ),
    GuardMetric(name="late", meaning="over the deadline, or cut short by it", bad=_late, margin=0.02),
    GuardMetric(
        name="withheld",
        meaning="with a sentence that verification withheld",
        bad=lambda one: int(one.row["withheld"]) > 0,
    ),
)
METRICS: Mapping[str, GuardMetric] = MappingProxyType({one.name: one for one in _ALL})


def guard_metrics(names: Sequence[str]) -> tuple[GuardMetric, ...]:
    """By name, each once. Raises ConfigError for a name that there is not, and for none at all."""
    unknown = [name for name in names if name not in METRICS]
    if unknown:
        hint = f"one or more of {', '.join(METRICS)}"
        raise ConfigError(f"no guard metric is named {', '.join(unknown)}", hint=hint)
    if not names:
        raise ConfigError("a rollout without a guard metric is not watched", hint=f"e.g. {', '.join(METRICS)}")
    return tuple(METRICS[name] for name in dict.fromkeys(names))


def outcomes(metric: GuardMetric, rows: Sequence[Row], *, deadline_s: float) -> list[Counted]:
    """Each answer as the metric sees it; 1 is bad. Rows are in order of time."""
    again = _asked_again(rows)
    return [
        Counted(
            id=row["id"],
            at=row["at"],
            person=row["person"],
            candidate=row["candidate"],
            share=row["share"],
            value=float(metric.bad(Asked(row=row, again=row["id"] in again, deadline_s=deadline_s))),
            known_at=row["harmful_at"] if metric.kind == "event" else None,
        )
        for row in rows
    ]


def _asked_again(rows: Sequence[Row]) -> set[str]:
    """Answers after which the same person soon asked much the same, as the drawing of reviews sees it."""
    found, last = set(), dict[str, Row]()
    for row in rows:
        before = last.get(row["person"])
        if before is not None and _seconds(before["at"], row["at"]) <= REPHRASED_S and _alike(before, row):
            found.add(before["id"])
        last[row["person"]] = row
    return found


def _seconds(before: datetime, after: datetime) -> float:
    return (after - before).total_seconds()


def _alike(before: Row, after: Row) -> bool:
    one, other = (set(stems(row["question"], row["language"])) for row in (before, after))
    return bool(one and other) and len(one & other) / min(len(one), len(other)) >= REPHRASED_SHARE
