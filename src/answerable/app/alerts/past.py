"""The past by the hour: read once when an hour is over, and what is usual made of it once an hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from answerable.app.alerts.parts import AlertParts
from answerable.app.alerts.state import WatchState
from answerable.app.alerts.usual import HOUR, at_this_hour, usual_of
from answerable.core.alert import Alert, Hour
from answerable.monitor.alerts.rules import Looks
from answerable.monitor.alerts.signals import SIGNALS, Tally, tallied

LATE = timedelta(minutes=20)  # what is written this much later still counts
AT_ONCE = 6  # hours of the past that are read together
MOST = 20_000  # events of the past in one look: a first look takes up the past step by step
_HOUR_S = 3600
EVENTS = tuple(sorted({name for signal in SIGNALS.values() for name in signal.events} | {"review.completed"}))


async def read_hours(parts: AlertParts, state: WatchState, *, now: datetime) -> list[Hour]:
    """Hours that are over and were not read, as many as are not too much at once; `state` goes on."""
    last = int((now - LATE).timestamp()) // _HOUR_S  # the first one that is not over
    first = int((now - timedelta(seconds=parts.settings.reference)).timestamp()) // _HOUR_S
    state.hour = max(state.hour, first)
    found: list[Hour] = []
    read = 0
    while state.hour < last and read < MOST:
        end = min(last, state.hour + AT_ONCE)
        count, hours = await _between(parts, state.hour, end)
        found += hours
        read += count
        state.hour = end
    return found


async def _between(parts: AlertParts, begin: int, end: int) -> tuple[int, list[Hour]]:
    """The number of events, and what they came to by the hour."""
    since, until = _at(begin * _HOUR_S), _at(end * _HOUR_S)
    events = [one async for one in parts.events.read(tenant=parts.tenant, since=since, until=until, names=EVENTS)]
    found = tallied(SIGNALS.values(), events, span_s=_HOUR_S)
    for hour in range(begin, end):  # an hour without a question says something, too
        found.setdefault(("traffic", hour * _HOUR_S), Tally())
    return len(events), [
        Hour(signal=name, at=_at(at), n=tally.n, bad=min(tally.bad, tally.n), bins=tally.kept_bins())
        for (name, at), tally in sorted(found.items())
    ]


async def learn_usual(
    parts: AlertParts, state: WatchState, new: Sequence[Hour], alerts: Sequence[Alert], *, now: datetime
) -> None:
    """What is usual at this hour; once an hour, or when more of the past is known."""
    here = int(now.timestamp()) // _HOUR_S
    if state.usual_at == here and not new:
        return
    since = now - timedelta(seconds=parts.settings.reference)
    kept = await parts.alerts.hours(tenant=parts.tenant, since=since)
    fresh = {(hour.signal, hour.at) for hour in new}
    hours = [*(hour for hour in kept if (hour.signal, hour.at) not in fresh), *new]
    shares = [rule for rule in parts.rules if rule.looks is Looks.SHARE]
    by_signal: dict[str, list[Hour]] = {}
    for hour in hours:
        by_signal.setdefault(hour.signal, []).append(hour)
    found = ((rule.id, usual_of(rule, by_signal.get(rule.id, ()), now=now, alerts=alerts)) for rule in shares)
    state.usual = {name: one for name, one in found if one is not None}
    state.same_hour = {
        name: at_this_hour(name, by_signal.get(name, ()), now, around=around)
        for name, around in (("spend", 1), ("traffic", 0))
    }
    state.usual_at = here


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


__all__ = ["EVENTS", "HOUR", "LATE", "learn_usual", "read_hours"]
