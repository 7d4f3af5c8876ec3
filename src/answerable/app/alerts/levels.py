"""A rule of a level in one look: beyond what is well for long enough, and later well for as long."""

from __future__ import annotations

from dataclasses import replace

from answerable.app.alerts.look import Look, at
from answerable.app.alerts.parts import Level
from answerable.monitor.alerts.rules import Rule


def look_at_level(look: Look, rule: Rule, level: Level | None) -> None:
    """What is not measured changes nothing: an alert that stands goes on."""
    if level is None or level.value is None or rule.most is None:
        return
    beyond = level.value > rule.most
    standing = look.standing.get((rule.id, ""))
    if beyond == (standing is not None):
        look.state.beyond.pop(rule.id, None)
        if standing is not None:
            look.update(replace(standing, value=level.value, facts=dict(level.facts)))
        return
    since = look.state.beyond.setdefault(rule.id, look.now.timestamp())
    if look.now.timestamp() - since < rule.held_s:
        return
    del look.state.beyond[rule.id]
    if standing is not None:
        look.resolve(standing)
        return
    usual = rule.most if level.usual is None else level.usual
    look.open(rule, began_at=at(since), value=level.value, usual=usual, facts=level.facts)
