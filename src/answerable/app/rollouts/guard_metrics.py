"""Whether a rollout's guard metrics hold: what is said at one look, however many looks there were."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from answerable.adapters.postgres.guarded import guarded_answers
from answerable.app.rollouts.guard_outcomes import HEARD, METRICS, GuardMetric, Row, guard_metrics, outcomes
from answerable.core.deadline import DEFAULT_S
from answerable.evals.stats.estimate import Interval
from answerable.evals.stats.persons import Outcome, entered, first_events
from answerable.evals.stats.sequential import Plan, State, Unit, Word, rate_at_most

if TYPE_CHECKING:
    from answerable.adapters.postgres.database import Database
    from answerable.prompts.rollout import Rollout

__all__ = ["METRICS", "Guarded", "Report", "Word", "guard_metrics", "judged", "watched"]

ALPHA = 0.05  # of ever rolling back a candidate that is no worse than its margins, by any of its guards
_BALANCE = 0.001  # of ever calling a fair assignment unfair
_SKEW = timedelta(days=1)  # of the clock that wrote `started`: answers are found by their rollout, time but helps
_LEAST_HIT = 2  # persons with an event: one who knows the version, or is mistaken, takes nothing back alone
_RARE = 0.01  # a rare event is kept where it is proven to be rarer than this among persons


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One arm's part: persons who have entered, their answers that count, and the mean badness over persons."""

    persons: int
    answers: int
    rate: float | None  # in [0, 1]; None without persons


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """One metric at one look. `interval` is of candidate − stable in badness, and holds at all looks together.

    An event metric has none (what is known is who had one); `at_most` is then the most that the candidate's rate
    may be, and holds at all looks as well. `evidence` and `highest` are e-values; from `needed` on: roll back.
    """

    metric: str
    word: Word
    stable: Arm
    candidate: Arm
    margin: float
    tolerated: float
    interval: Interval | None
    evidence: float
    highest: float
    needed: float
    waiting: int = 0  # persons met whose while is not over
    at_most: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All guards of a rollout. Roll back where one says so, keep where all do."""

    rollout: str
    at: datetime
    guards: tuple[Guarded, ...]
    persons: tuple[int, int]  # met so far: stable, candidate
    answers: tuple[int, int]
    unbalanced: bool  # the arms are not of the sizes that the shares say: assignment or traces are broken

    @property
    def word(self) -> Word:
        """keep, roll back or can't tell yet."""
        words = {one.word for one in self.guards}
        if Word.ROLL_BACK in words:
            return Word.ROLL_BACK
        return Word.KEEP if words == {Word.KEEP} and not self.unbalanced else Word.CANT_TELL

    @property
    def reason(self) -> Guarded | None:
        """The guard with the most evidence among those that say roll back."""
        against = [one for one in self.guards if one.word is Word.ROLL_BACK]
        return max(against, key=lambda one: one.highest / one.needed, default=None)


async def watched(
    database: Database,
    rollout: Rollout,
    metrics: Sequence[str],
    *,
    now: datetime,
    tenants: Sequence[str],
    deadline_s: float = DEFAULT_S,
) -> Report:
    """What the guards say of a rollout by `now`. Raises ConfigError for an unknown metric, DatabaseUnreachable."""
    chosen = guard_metrics(metrics)
    rows: list[Row] = []
    for tenant in tenants:
        rows += await guarded_answers(
            database,
            tenant=tenant,
            rollout=rollout.id,
            since=min(rollout.started, now) - _SKEW,
            until=now,
            heard_s=HEARD.total_seconds(),
        )
    rows.sort(key=lambda row: (row["at"], row["id"]))
    # it computes for as long as a second, and other questions are being answered meanwhile
    return await asyncio.to_thread(judged, rollout.id, rows, chosen, now=now, deadline_s=deadline_s)


def judged(
    rollout: str,
    rows: Sequence[Row],
    metrics: Sequence[GuardMetric],
    *,
    now: datetime,
    deadline_s: float = DEFAULT_S,
) -> Report:
    """The same from rows in order of time. Each of k guards gets a k-th of ALPHA."""
    alpha = ALPHA / len(metrics)
    guards = tuple(_guarded(one, rows, alpha, now, deadline_s) for one in metrics)
    return Report(
        rollout=rollout,
        at=now,
        guards=guards,
        persons=_both(len({row["person"] for row in rows if row["candidate"] is arm}) for arm in (False, True)),
        answers=_both(sum(row["candidate"] is arm for row in rows) for arm in (False, True)),
        unbalanced=_unbalanced(rows, now),
    )


def _guarded(metric: GuardMetric, rows: Sequence[Row], alpha: float, now: datetime, deadline_s: float) -> Guarded:
    answers = outcomes(metric, rows, deadline_s=deadline_s)
    center = 0.0 if metric.kind == "event" else None
    state = State(plan=Plan(alpha=alpha, margin=metric.margin, tolerated=metric.tolerated, center=center))
    if metric.kind == "event":
        return _of_events(metric, answers, state, now)
    met = entered(answers, window=metric.window, settles=metric.settles, now=now)
    seen = state.after_all(met.units).verdict()
    return Guarded(
        metric=metric.name,
        word=seen.word,
        stable=Arm(persons=seen.stables, answers=met.answers[0], rate=seen.stable_rate),
        candidate=Arm(persons=seen.candidates, answers=met.answers[1], rate=seen.candidate_rate),
        margin=metric.margin,
        tolerated=metric.tolerated,
        interval=seen.interval,
        evidence=seen.evidence,
        highest=seen.highest,
        needed=seen.needed,
        waiting=met.waiting,
    )


def _of_events(metric: GuardMetric, answers: Sequence[Outcome], state: State, now: datetime) -> Guarded:
    events = first_events(answers, now=now)
    seen = state.after_all(events).verdict()
    stable, candidate = (_arm_of_events(answers, events, arm) for arm in (False, True))
    at_most = rate_at_most(sum(one.candidate for one in events), candidate.persons, alpha=state.plan.alpha)
    rare = Word.KEEP if at_most <= _RARE else Word.CANT_TELL
    worse = seen.word is Word.ROLL_BACK and sum(one.candidate for one in events) >= _LEAST_HIT
    return Guarded(
        metric=metric.name,
        word=seen.word if worse else rare,
        stable=stable,
        candidate=candidate,
        margin=metric.margin,
        tolerated=metric.tolerated,
        interval=None,
        evidence=seen.evidence,
        highest=seen.highest,
        needed=seen.needed,
        at_most=at_most,
    )


def _arm_of_events(answers: Sequence[Outcome], events: Sequence[Unit], candidate: bool) -> Arm:
    mine = [one for one in answers if one.candidate is candidate]
    persons = len({one.person for one in mine})
    hit = sum(one.candidate is candidate for one in events)
    return Arm(persons=persons, answers=len(mine), rate=hit / persons if persons else None)


def _unbalanced(rows: Sequence[Row], now: datetime) -> bool:
    """Whether persons are in the arms as drawn: the same bets, on nothing but the arm."""
    same = [
        Outcome(
            id=row["id"],
            at=row["at"],
            person=row["person"],
            candidate=row["candidate"],
            share=row["share"],
            value=1.0,
        )
        for row in rows
    ]
    met = entered(same, window=timedelta(seconds=1), settles=timedelta(0), now=now)
    return (
        State(plan=Plan(alpha=_BALANCE / 2.0, center=0.0)).after_all(met.units).verdict().word
        is not Word.CANT_TELL
    )


def _both(counts: Iterable[int]) -> tuple[int, int]:
    stable, candidate = counts
    return stable, candidate
