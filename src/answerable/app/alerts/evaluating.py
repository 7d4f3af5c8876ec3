"""One look at everything: what is new is counted, alerts begin and end, and messages go into the outbox.

Called about once a minute, by any number of workers: the first that writes what it saw counts, the others' looks
are void. Time is `now`; nothing here has a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from answerable.app.alerts.figures import levels_of_events, take_minutes
from answerable.app.alerts.levels import look_at_level
from answerable.app.alerts.look import Look
from answerable.app.alerts.messages import as_happening, forwarded, messages_of
from answerable.app.alerts.parts import AlertParts, Evaluated
from answerable.app.alerts.past import EVENTS, LATE, learn_usual, read_hours
from answerable.app.alerts.risen import look_at_share
from answerable.app.alerts.state import WatchState
from answerable.app.alerts.told import look_at_happenings
from answerable.core.alert import Hour, Watched
from answerable.core.event import Event
from answerable.core.ports import Happening, Looked
from answerable.monitor.alerts.rules import Looks
from answerable.monitor.alerts.signals import SIGNALS, Tally, tallied

LONGEST = timedelta(hours=6)  # of what is read at once after a pause
NEWEST = 300  # happenings
_MINUTE_S = 60


async def evaluate_alerts(parts: AlertParts, *, now: datetime) -> Evaluated:
    """What began and what is over. Raises DatabaseUnreachable; then nothing is changed."""
    seen = await parts.alerts.watched(tenant=parts.tenant)
    state = WatchState.from_json(seen.state)
    known = await parts.alerts.listed(tenant=parts.tenant, every=True, limit=500)
    hours = await read_hours(parts, state, now=now)
    await learn_usual(parts, state, hours, known, now=now)
    since = _since(seen, now)
    events = [one async for one in parts.events.read(tenant=parts.tenant, since=since, until=now, names=EVENTS)]
    happened = await _happened(parts, since, now)
    look = Look(parts=parts, now=now, state=state, happened=happened).with_known(known)
    await _look_at_shares(look, events)
    await _look_at_levels(look)
    look_at_happenings(look)
    return await _kept(look, seen, hours, events)


async def _look_at_shares(look: Look, events: Sequence[Event]) -> None:
    tallies = tallied(SIGNALS.values(), events, span_s=_MINUTE_S)
    take_minutes(look.state, tallies, now=look.now)
    minutes: dict[str, dict[int, Tally]] = {}
    for (name, minute), tally in tallies.items():
        minutes.setdefault(name, {})[minute] = tally
    rules = [rule for rule in look.parts.rules if rule.looks is Looks.SHARE]
    for rule in rules:
        await look_at_share(look, rule, minutes.get(rule.id, {}), tests=len(rules))
    wanted = {rule.id for rule in rules}
    look.state.shares = {name: one for name, one in look.state.shares.items() if name in wanted}


async def _look_at_levels(look: Look) -> None:
    figures = {**levels_of_events(look.state, now=look.now), **await look.parts.levels(look.now)}
    rules = [rule for rule in look.parts.rules if rule.looks is Looks.LEVEL]
    for rule in rules:
        look_at_level(look, rule, figures.get(rule.id))
    wanted = {rule.id for rule in rules}
    look.state.levels = {name: one.value for name, one in figures.items() if name in wanted}


async def _happened(parts: AlertParts, since: datetime, now: datetime) -> list[Happening]:
    found = await parts.happenings.latest(tenant=parts.tenant, limit=NEWEST)
    return sorted((one for one in found if one.at < now and one.at >= since - LONGEST), key=lambda one: one.at)


async def _kept(look: Look, seen: Watched, hours: Sequence[Hour], events: Sequence[Event]) -> Evaluated:
    parts, now = look.parts, look.now
    silences = await parts.alerts.silences(tenant=parts.tenant, now=now)
    alerts, notices = messages_of(look, silences)
    looked = Looked(
        now=now,
        seen=seen,
        state=look.state.as_json(),
        alerts=alerts,
        notices=[*notices, *forwarded(look, events)],
        hours=hours,
    )
    if not await parts.alerts.keep(looked, tenant=parts.tenant):
        return Evaluated(void=True)
    for one in (*look.opened, *look.resolved):
        parts.happenings.write(as_happening(one))
    return Evaluated(
        opened=tuple(look.opened),
        resolved=tuple(look.resolved),
        standing=tuple(one for one in alerts if one.stands),
        unmeasured=tuple(look.state.unmeasured),
    )


def _since(seen: Watched, now: datetime) -> datetime:
    """A whole minute; far enough back for what is written late."""
    last = min(seen.at or now, now) - LATE
    return max(last, now - LONGEST).replace(second=0, microsecond=0)
