"""A provider's bad and good times, and what is to be told of each: a request belongs to the phase it began in."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from asking import Told
from proof import quantiles

FAULTS = ("503", "timeout", "garbage", "drip", "cut")
WELL = "well"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """From `begin` to `end`, seconds since the run's start; `behavior` is the scripted provider's."""

    behavior: str
    begin: float
    end: float

    @property
    def dying(self) -> bool:
        """Whether the provider fails."""
        return self.behavior != WELL


def schedule(seconds: float, faults: Sequence[str] = FAULTS) -> list[Phase]:
    """Well for half a phase, then each fault followed by a recovery, all as long."""
    unit = seconds / (2 * len(faults) + 0.5)
    made, at = [Phase(behavior=WELL, begin=0.0, end=unit / 2)], unit / 2
    for fault in faults:
        for behavior in (fault, WELL):
            made.append(Phase(behavior=behavior, begin=at, end=at + unit))
            at += unit
    return made


def phase_of(phases: Sequence[Phase], at: float) -> Phase:
    """The phase of a moment; before the first it is the first, after the last it is the last."""
    return phases[max(0, bisect_right([one.begin for one in phases], at) - 1)]


def opened_after(calls: Sequence[float], phase: Phase, *, quiet_s: float) -> float | None:
    """Seconds into the phase until the provider got its last call before it was left alone for `quiet_s`.

    Seen from the provider: it needs steady questions, and trusts no instrument of ours. None: never left alone.
    """
    times = [phase.begin, *sorted(at for at in calls if phase.begin <= at < phase.end), phase.end]
    return next((round(at - phase.begin, 2) for at, after in pairwise(times) if after - at >= quiet_s), None)


def closed_after(calls: Sequence[float], phase: Phase, *, burst: int, within_s: float) -> float | None:
    """Seconds into a recovery until the provider gets `burst` calls in `within_s` again. None: it never does."""
    times = sorted(at for at in calls if phase.begin <= at < phase.end)
    for place, at in enumerate(times[: len(times) - burst + 1]):
        if times[place + burst - 1] - at <= within_s:
            return round(at - phase.begin, 2)
    return None


def told_of(phase: Phase, told: Sequence[Told], *, began: float, deadline_s: float) -> dict[str, Any]:
    """One row: how many questions, how they ended, who answered, how long it took."""
    mine = [one for one in told if phase.begin <= one.at - began < phase.end]
    return {
        "phase": phase.behavior,
        "begin_s": round(phase.begin, 1),
        "end_s": round(phase.end, 1),
        "asked": len(mine),
        "answered_in_time": sum(one.answered and one.took_s <= deadline_s for one in mine),
        "typed": sum(one.typed for one in mine),
        "by": dict(Counter(one.by for one in mine).most_common()),
        "took_ms": quantiles([one.took_s * 1000 for one in mine]),
    }


def again(calls: Sequence[str], questions: int) -> float | None:
    """Calls of one provider for a question that it had been asked before, as a share of the questions.

    `calls` holds the question's marker of each call.
    """
    repeated = sum(count - 1 for count in Counter(one for one in calls if one).values())
    return repeated / questions if questions else None
