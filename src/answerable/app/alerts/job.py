"""The job of alerts over a running system: it looks at everything and sends what is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from answerable.app.alerts.channels import channels_of
from answerable.app.alerts.evaluating import evaluate_alerts
from answerable.app.alerts.messages import alert_row
from answerable.app.alerts.parts import AlertParts
from answerable.app.alerts.sending import Sent, send_notices
from answerable.app.alerts.system_levels import system_levels
from answerable.app.system import System
from answerable.core.alert import Alert, Notice, Severity, short_id
from answerable.monitor.alerts.rules import RULES, Rule


def alert_parts(system: System) -> AlertParts:
    """What a look at this system needs."""
    settings = system.settings
    return AlertParts(
        tenant=settings.project.tenant,
        project=settings.project.name,
        events=system.events,
        happenings=system.happenings,
        alerts=system.alerts.alerts,
        settings=settings.alerts,
        rules=system.alerts.rules,
        levels=partial(system_levels, system),
    )


async def alerts_job(system: System, *, now: datetime) -> Mapping[str, int]:
    """Look at everything, and send what is due. Counts of what began, ended and was sent."""
    if not system.settings.alerts.on:
        return {}
    parts = alert_parts(system)
    done = await evaluate_alerts(parts, now=now)
    sent = await send_notices(parts, channels_of(parts.settings, base=system.project.base), now=now)
    return {
        "opened": len(done.opened),
        "resolved": len(done.resolved),
        "standing": len(done.standing),
        "sent": sent.sent,
        "waiting": sent.waiting,
        "given_up": sent.given_up,
    }


async def send_test(system: System, *, now: datetime) -> tuple[Sent, list[Notice]]:
    """A message to every channel, whatever it wants to hear: whether it gets there. It is no alert."""
    parts = alert_parts(system)
    channels = channels_of(parts.settings, base=system.project.base)
    rule = replace(RULES[0], id="refusals", title="This is a test")
    test = Alert(
        id=short_id("al", parts.tenant, "test", now.isoformat()),
        tenant=parts.tenant,
        rule=rule.id,
        severity=Severity.PAGE,
        opened_at=now,
        blame="somebody ran `answerable alert test`",
    )
    message = _test_message(test, parts, rule, now)
    every = [replace(message, channel=one, id=short_id("no", test.id, one)) for one in sorted(channels)]
    await parts.alerts.post(tenant=parts.tenant, notices=every)
    sent = await send_notices(parts, channels, now=now)
    ids = {one.id for one in every}
    return sent, [one for one in await parts.alerts.notices(tenant=parts.tenant) if one.id in ids]


def _test_message(test: Alert, parts: AlertParts, rule: Rule, now: datetime) -> Notice:
    payload = {
        "name": "alert.test",
        "at": now.isoformat(),
        "project": parts.project,
        "alert": alert_row(rule, test),
    }
    return Notice(
        id=test.id,
        tenant=parts.tenant,
        channel="",
        name="alert.test",
        payload=payload,
        created_at=now,
        due_at=now,
    )
