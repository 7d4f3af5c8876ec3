"""What a risen share likely comes from, from the events around its beginning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from answerable.app.alerts.look import Look
from answerable.app.alerts.usual import Usual
from answerable.core.event import Event
from answerable.monitor.alerts.blame import DATA, Unit, marks_before, said, suspects
from answerable.monitor.alerts.rules import Rule
from answerable.monitor.alerts.signals import ASKED, SIGNALS, Tally, counted

BEFORE = timedelta(hours=2)
LONGEST = timedelta(hours=6)
_MARK_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """In words, and as figures."""

    words: str
    facts: Mapping[str, Any] = field(default_factory=dict)


async def blame_of(look: Look, rule: Rule, usual: Usual, *, key: str, began: datetime) -> Cause:
    """Events of this rule from two hours before it began are compared; read once, when it begins."""
    signal = SIGNALS[rule.id]
    since = max(began - BEFORE, look.now - LONGEST)
    names = (*signal.events, ASKED)
    read = look.parts.events.read(tenant=look.parts.tenant, since=since, until=look.now, names=names)
    events = counted([event async for event in read])
    judged = ((event, _bad(rule, usual, event, key)) for event in events if event.name in signal.events)
    units = [Unit(event=event, bad=bad) for event, bad in judged if bad is not None]
    found = [one for one in suspects(units) if one.value != key]
    marks = marks_before(look.happened, began, within_s=_MARK_S)
    facts: dict[str, Any] = {
        "cause": DATA if key else found[0].cause if found else "",
        "suspects": [f"{one.dimension} {one.value}" for one in found[:5]],
        "marks": [one.name for one in marks[:5]],
    }
    return Cause(words=said(found, marks, began, key=key), facts=facts)


def _bad(rule: Rule, usual: Usual, event: Event, key: str) -> bool | None:
    """None: it is no unit of the rule."""
    tally = Tally()
    tally.add(SIGNALS[rule.id], event)
    if event.name in SIGNALS[rule.id].beside:
        return True if tally.bad else None
    if not tally.n:
        return None
    return bool(tally.bins[key]) if key else usual.counted(rule, tally)[1] > 0
