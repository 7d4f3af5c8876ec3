"""Levels that events tell: how fast money is spent, and whether questions come in at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from answerable.app.alerts.parts import Level
from answerable.app.alerts.state import WatchState
from answerable.monitor.alerts.signals import SUM, Tally

_HOUR_S, _HALF_S = 3600.0, 1800.0
_PAST = 9  # hours at this time of other days, from which on they say what is usual
_WEEK = 7  # days: the same weekday
_ANSWERS = 50.0  # in the hour: below them money is no rate
_QUESTIONS = 30.0  # an hour, from which on half an hour without any is strange


def take_minutes(state: WatchState, tallies: Mapping[tuple[str, int], Tally], *, now: datetime) -> None:
    """Keep what the last hour's minutes came to."""
    for (name, minute), tally in tallies.items():
        if name in ("spend", "traffic"):
            value = tally.bins[SUM] / 1e6 if name == "spend" else float(tally.n)
            state.minutes.setdefault(name, {})[str(minute)] = value
            if name == "spend":
                state.minutes.setdefault("answers", {})[str(minute)] = float(tally.n)
    first = now.timestamp() - _HOUR_S
    for name, kept in state.minutes.items():
        state.minutes[name] = {minute: value for minute, value in kept.items() if float(minute) >= first}


def levels_of_events(state: WatchState, *, now: datetime) -> dict[str, Level]:
    """`spend_rate`: times the most of this hour on other days; `traffic`: 1 where there is none that should be."""
    return {"spend_rate": _spend_rate(state), "traffic": _traffic(state, now)}


def _spend_rate(state: WatchState) -> Level:
    spent = sum(state.minutes.get("spend", {}).values())
    past = [one for one in state.same_hour.get("spend", ()) if one > 0]
    if len(past) < _PAST or sum(state.minutes.get("answers", {}).values()) < _ANSWERS:
        return Level(value=None)
    return Level(value=spent / max(past), usual=1.0, facts={"spent_last_hour": round(spent, 6)})


def _traffic(state: WatchState, now: datetime) -> Level:
    past = state.same_hour.get("traffic", ())
    if len(past) < _WEEK:
        return Level(value=None)
    usual = past[-_WEEK]
    first = now.timestamp() - _HALF_S
    asked = sum(n for minute, n in state.minutes.get("traffic", {}).items() if float(minute) >= first)
    return Level(value=float(usual >= _QUESTIONS and not asked), usual=0.0, facts={"a_week_ago": usual})
