"""A rule of a share in one look: does it begin, does it go on, is it over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from answerable.app.alerts.blaming import blame_of
from answerable.app.alerts.look import Look, at
from answerable.app.alerts.past import LATE
from answerable.app.alerts.shares import Batch, Found, ShareState, opened_by, over, since_change, stand
from answerable.app.alerts.usual import Usual
from answerable.core.alert import Alert
from answerable.monitor.alerts.rules import Rule
from answerable.monitor.alerts.signals import Tally

QUIET = timedelta(hours=24)  # without a unit nothing can get well: then it is over
_SLACK_S = 120.0


async def look_at_share(look: Look, rule: Rule, minutes: Mapping[int, Tally], *, tests: int) -> None:
    """`tests`: how many such rules share the false alarms."""
    usual = look.state.usual.get(rule.id)
    if usual is None:
        _unmeasured(look, rule)
        return
    if rule.id in look.state.unmeasured:
        look.state.unmeasured.remove(rule.id)
    state = look.state.share(rule.id)
    until = look.now.timestamp() - LATE.total_seconds() - _SLACK_S
    batch = state.take(rule, minutes, usual, until=until)
    if batch.n:
        for found in opened_by(rule, state, batch, usual, tests=tests):
            await _open(look, rule, usual, state, found)
    for (name, key), one in list(look.standing.items()):
        if name == rule.id and one not in look.opened:
            _go_on(look, state, batch, key, one)


async def _open(look: Look, rule: Rule, usual: Usual, state: ShareState, found: Found) -> None:
    stand(state, found)
    if (rule.id, found.key) in look.standing:
        return
    cause = await blame_of(look, rule, usual, key=found.key, began=at(found.began))
    look.open(
        rule,
        key=found.key,
        began_at=at(found.began),
        value=found.bad / max(1, found.n),
        usual=usual.names.get(found.key, 0.0) if usual.names else usual.share,
        counts=(found.n, found.bad),
        blame=cause.words,
        facts={**cause.facts, "most": round(found.most, 4), "limit": usual.limit, "usual_n": usual.n},
    )


def _go_on(look: Look, state: ShareState, batch: Batch, key: str, one: Alert) -> None:
    if key not in state.back:  # kept state is gone: its end is looked for anew
        stand(state, Found(key=key, began=0.0, n=one.n, bad=one.bad, most=one.usual or 0.05, evidence=0.0))
    if not batch.n:
        if one.last_at is not None and look.now - one.last_at >= QUIET:
            state.back.pop(key, None)
            state.rising.pop(key, None)
            look.resolve(one)
        return
    if over(state, batch, key):
        look.resolve(one)
        return
    n, bad = since_change(state, key)
    if n:
        one = replace(one, n=n, bad=bad, value=bad / n)
    look.update(one)


def _unmeasured(look: Look, rule: Rule) -> None:
    if rule.id not in look.state.unmeasured:
        look.state.unmeasured.append(rule.id)
