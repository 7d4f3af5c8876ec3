"""Persons as units: which answers count for whom, when a person enters, and in which order.

A person is kept in one arm, and the answers of one person are alike: they are one observation, not many. So each
person enters once, with the mean over the answers of a first short while, and persons enter in the order in which
the rollout met them, which no arm can change. What comes later than the while and its settling is not counted:
else an outcome could change after it was bet on, and an arm whose outcomes come faster would enter first.

Where the share grows, those who were in the stable arm are drawn anew: whoever was out of the first s is in the
first t with the chance (t − s) / (1 − s), and enters once more with it. Who had the candidate does not again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter

from answerable.evals.stats.sequential import Unit

__all__ = ["Entered", "Outcome", "entered", "first_events"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One answer. `value`: its badness in [0, 1]; None: not of the kind that is counted."""

    id: str
    at: datetime
    person: str
    candidate: bool
    share: float  # of persons who got the candidate when this was asked, in [0, 1]
    value: float | None
    known_at: datetime | None = None  # when the value came to be known; None: with the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """Units in their order, and how many more are under way."""

    units: tuple[Unit, ...]
    answers: tuple[int, int]  # that count, of stable and of candidate
    waiting: int


@dataclass(slots=True)
class _Visit:
    """A person under one share: the answers of the first while."""

    first: Outcome
    chance: float
    values: list[float] = field(default_factory=list)


def entered(answers: Iterable[Outcome], *, window: timedelta, settles: timedelta, now: datetime) -> Entered:
    """Who has entered by `now`: `window` after the first answer, and `settles` more for what people say of it."""
    visits = _visits(sorted(answers, key=attrgetter("at", "id")), window)
    visits.sort(key=lambda one: (one.first.at, one.first.id))
    done = [one for one in visits if one.first.at + window + settles <= now]
    counting = [one for one in done if one.values]
    return Entered(
        units=tuple(
            Unit(value=sum(one.values) / len(one.values), candidate=one.first.candidate, share=one.chance)
            for one in counting
        ),
        answers=(
            sum(len(one.values) for one in counting if not one.first.candidate),
            sum(len(one.values) for one in counting if one.first.candidate),
        ),
        waiting=len(visits) - len(done),
    )


def _visits(answers: Sequence[Outcome], window: timedelta) -> list[_Visit]:
    stayed: dict[str, float] = {}  # person → the largest share that left them stable
    had: set[str] = set()  # persons who had the candidate
    last: dict[str, _Visit] = {}
    visits: list[_Visit] = []
    for one in answers:
        visit = last.get(one.person)
        chance = _chance(stayed.get(one.person, 0.0), one.share)
        if one.person not in had and 0.0 < chance < 1.0:
            visit = last[one.person] = _Visit(first=one, chance=chance)
            visits.append(visit)
        if one.candidate:
            had.add(one.person)
        else:
            stayed[one.person] = max(stayed.get(one.person, 0.0), one.share)
        if visit is not None and one.value is not None and _counts(one, visit.first, window):
            visit.values.append(one.value)
    return visits


def _chance(before: float, share: float) -> float:
    """Of the candidate, for whom the share `before` left stable; 0 where nothing is drawn anew."""
    return (share - before) / (1.0 - before) if share > before else 0.0


def _counts(one: Outcome, first: Outcome, window: timedelta) -> bool:
    """A change of the share ends the while, for both arms alike."""
    return one.at < first.at + window and one.share == first.share and one.candidate == first.candidate


def first_events(answers: Iterable[Outcome], *, now: datetime) -> tuple[Unit, ...]:
    """For what is rare: the first bad answer of each person, in the order in which it came to be known.

    If the arms differ in nothing, whom it hits was drawn with the share, however late it comes to light: so
    nothing is waited for, and nobody without an event has to enter. A unit is a person with an event, its value 1.
    """
    known = [
        one
        for one in answers
        if one.value and 0.0 < one.share < 1.0 and (one.known_at is None or one.known_at <= now)
    ]
    known.sort(key=lambda one: (one.known_at or one.at, one.id))
    firsts: dict[str, Outcome] = {}
    for one in known:
        firsts.setdefault(one.person, one)
    return tuple(Unit(value=1.0, candidate=one.candidate, share=one.share) for one in firsts.values())
