"""Rules of happenings in one look: each one opens an alert or adds to it, and quiet ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from answerable.app.alerts.look import Look
from answerable.core.ports import Happening
from answerable.monitor.alerts.rules import Looks, Rule

FACTS = frozenset(
    {"what", "old", "new", "asked", "provider", "endpoint", "kind", "share", "limit", "period", "n", "metric",
     "document", "source", "signal", "cause", "answers", "prompt", "rollout", "from", "to", "status", "period_s"}
)  # fmt: skip
_KEPT_S = 86_400.0


def look_at_happenings(look: Look) -> None:
    """Each happening once."""
    rules = [rule for rule in look.parts.rules if rule.looks is Looks.HAPPENING]
    state = look.state
    for one in look.happened:
        if one.id in state.told:
            continue
        state.told[one.id] = one.at.timestamp()
        for rule in rules:
            if _is_about(rule, one):
                _take(look, rule, one)
    first = look.now.timestamp() - _KEPT_S
    state.told = {name: when for name, when in state.told.items() if when >= first}
    for rule in rules:
        _end(look, rule)


def _is_about(rule: Rule, one: Happening) -> bool:
    only = rule.only or {}
    return one.name in rule.happenings and all(str(one.props.get(name)) in ok for name, ok in only.items())


def _take(look: Look, rule: Rule, one: Happening) -> None:
    key = str(one.props.get(rule.keyed, ""))[:200] if rule.keyed else ""
    facts = {name: value for name, value in one.props.items() if name in FACTS}
    standing = look.standing.get((rule.id, key))
    if standing is None:
        words = ", ".join(f"{name} {value}" for name, value in facts.items())
        look.open(rule, key=key, began_at=one.at, counts=(1, 1), blame=words[:500], facts=facts)
    else:
        look.update(replace(standing, n=standing.n + 1, bad=standing.bad + 1, facts=facts))


def _end(look: Look, rule: Rule) -> None:
    for (name, _), one in list(look.standing.items()):
        quiet = look.now - (one.last_at or one.opened_at)
        if name == rule.id and quiet >= timedelta(seconds=rule.held_s) and one.id not in look.changed:
            look.resolve(one)
