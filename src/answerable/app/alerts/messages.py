"""Messages into the outbox: of alerts, and of what other programs want to hear of. No person's data is in any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from answerable.app.alerts.look import Look
from answerable.app.alerts.parts import AlertParts
from answerable.config.alerts import AlertsSection
from answerable.core.alert import Alert, Notice, Severity, Silence, short_id
from answerable.core.event import Event
from answerable.core.ports import Happening
from answerable.monitor.alerts.rules import RULES, Rule

EMAIL = "email"
OPENED, RESOLVED, AGAIN = "alert.opened", "alert.resolved", "alert.repeated"
# Happening → the message's name and the props that go with it.
HAPPENINGS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "budget.threshold": ("budget.threshold", ("scope", "period", "limit", "share", "currency")),
    "incident.opened": ("incident.opened", ("incident", "kind")),
    "incident.closed": ("incident.closed", ("incident", "kind")),
    "model.changed": ("model.changed", ("provider", "endpoint", "use", "asked", "what", "old", "new")),
    "rollout.changed": ("rollout.changed", ("prompt", "rollout", "what", "from", "to", "share", "n")),
    "document.quarantined": ("document.quarantined", ("id", "document", "source")),
    "conflict.found": ("conflict.found", ("opened", "standing")),
    "gate.failed": ("gate.failed", ("base", "stage", "checks", "run", "suite")),
    "drift.found": ("drift.found", ("signals", "cause", "sure", "since", "n", "sentence")),
}
EVENTS: Mapping[str, str] = {"escalation.requested": "escalation.created", "review.completed": "answer.harmful"}
_HARM = frozenset({"inappropriate", "incorrect", "damaging"})


def messages_of(look: Look, silences: Sequence[Silence]) -> tuple[list[Alert], list[Notice]]:
    """Alerts as they are to be written, with the time they were told of, and the messages."""
    rules = {rule.id: rule for rule in look.parts.rules}
    alerts: list[Alert] = []
    notices: list[Notice] = []
    every = {**{one.id: one for one in look.standing.values()}, **look.changed}
    for one in every.values():
        quiet = any(silence.covers(one.rule, one.key, look.now) for silence in silences)
        name = "" if quiet else _due(one, look.now, look.parts.settings)
        if name:
            notices += alert_notices(look.parts, rules.get(one.rule) or _rule(one), one, name, now=look.now)
        if name or one.id in look.changed:
            alerts.append(replace(one, told_at=look.now) if name not in ("", RESOLVED) else one)
    return alerts, notices


def _due(one: Alert, now: datetime, settings: AlertsSection) -> str:
    """The message that has to go out; empty: none."""
    if not one.stands:
        return RESOLVED if one.told_at is not None else ""
    if one.told_at is None:
        return OPENED if one.acked_at is None else ""
    waits = settings.repeat is not None and now - one.told_at >= timedelta(seconds=settings.repeat)
    return AGAIN if waits and one.severity is Severity.PAGE and one.acked_at is None else ""


def alert_notices(parts: AlertParts, rule: Rule, one: Alert, name: str, *, now: datetime) -> list[Notice]:
    """One a channel that wants it."""
    payload = {"name": name, "at": now.isoformat(), "project": parts.project, "alert": alert_row(rule, one)}
    told = (one.told_at or one.opened_at).isoformat()
    wanted = channels_for(parts.settings, name, severity=one.severity)
    return [_notice(parts.tenant, channel, name, payload, (one.id, name, told), now) for channel in wanted]


def alert_row(rule: Rule, one: Alert) -> dict[str, Any]:
    """As messages, the API and the command line say it."""
    return {
        "id": one.id,
        "rule": one.rule,
        "title": rule.title,
        "severity": one.severity.value,
        "owner": rule.owner,
        "key": one.key,
        "opened": one.opened_at.isoformat(),
        "began": one.began_at.isoformat() if one.began_at else None,
        "resolved": one.resolved_at.isoformat() if one.resolved_at else None,
        "acked": one.acked_at.isoformat() if one.acked_at else None,
        "value": one.value,
        "usual": one.usual,
        "n": one.n,
        "bad": one.bad,
        "unit": rule.unit,
        "likely": one.blame,
        "facts": dict(one.facts),
        "runbook": rule.runbook,
    }


def forwarded(look: Look, events: Iterable[Event]) -> list[Notice]:
    """What happened, for those who want to hear of it; the same happening is the same message."""
    parts, found = look.parts, []
    for one in look.happened:
        name, props = HAPPENINGS.get(one.name, ("", ()))
        facts = {prop: one.props[prop] for prop in props if prop in one.props}
        found += _of_outside(parts, name, one.id, one.at, facts, look.now)
    for event in events:
        if event.name in EVENTS and (event.name != "review.completed" or event.props.get("harm") in _HARM):
            props = ("trigger", "escalation", "harm", "severity")
            facts = {prop: event.props[prop] for prop in props if prop in event.props} | {"answer": event.answer}
            found += _of_outside(parts, EVENTS[event.name], str(event.id), event.at, facts, look.now)
    return found


def _of_outside(
    parts: AlertParts, name: str, source: str, at: datetime, facts: Mapping[str, Any], now: datetime
) -> list[Notice]:
    if not name:
        return []
    payload = {"name": name, "at": at.isoformat(), "project": parts.project, **facts, "id": source}
    wanted = channels_for(parts.settings, name)
    return [_notice(parts.tenant, channel, name, payload, (name, source), now) for channel in wanted]


def channels_for(settings: AlertsSection, name: str, *, severity: Severity | None = None) -> list[str]:
    """Who wants messages of that name; `severity` is an alert's."""
    every = [(f"webhook:{key}", one.events, one.severity) for key, one in sorted(settings.webhook.items())]
    if settings.email.host:
        every.append((EMAIL, settings.email.events, settings.email.severity))
    return [
        channel
        for channel, wanted, least in every
        if any(_matches(pattern, name) for pattern in wanted)
        and (severity is None or severity.rank >= Severity(least).rank)
    ]


def _matches(pattern: str, name: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def _notice(
    tenant: str, channel: str, name: str, payload: Mapping[str, Any], source: tuple[str, ...], now: datetime
) -> Notice:
    return Notice(
        id=short_id("no", tenant, channel, *source),
        tenant=tenant,
        channel=channel,
        name=name,
        payload=payload,
        created_at=now,
        due_at=now,
    )


def _rule(one: Alert) -> Rule:
    """Of an alert whose rule is off meanwhile."""
    return next(rule for rule in RULES if rule.id == one.rule)


def as_happening(one: Alert) -> Happening:
    """That an alert began, or is over."""
    props: dict[str, Any] = {
        "alert": one.id,
        "rule": one.rule,
        "severity": one.severity.value,
        "key": one.key[:300],
    }
    if one.resolved_at is not None:
        props["seconds"] = (one.resolved_at - one.opened_at).total_seconds()
        return Happening(name=RESOLVED, tenant=one.tenant, props=props, id=f"{one.id}_r", at=one.resolved_at)
    props |= {"n": one.n, "bad": one.bad, "blame": one.blame[:300]}
    props |= {name: value for name, value in (("value", one.value), ("usual", one.usual)) if value is not None}
    return Happening(name=OPENED, tenant=one.tenant, props=props, id=f"{one.id}_o", at=one.opened_at)
