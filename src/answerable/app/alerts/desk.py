"""Alerts of a running system: the job that looks and sends, and what people do with alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from answerable.adapters.postgres.alerts import PostgresAlerts
from answerable.adapters.postgres.events import PostgresEvents
from answerable.app.alerts.channels import channels_of
from answerable.app.alerts.evaluating import evaluate_alerts
from answerable.app.alerts.messages import alert_row
from answerable.app.alerts.parts import AlertParts
from answerable.app.alerts.rulebook import rules_of
from answerable.app.alerts.sending import Sent, send_notices
from answerable.app.alerts.state import WatchState
from answerable.app.alerts.system_levels import system_levels
from answerable.app.system import System
from answerable.core.alert import Alert, Notice, Severity, Silence, Watched, short_id
from answerable.core.errors import ConfigError, NotFound
from answerable.monitor.alerts.rules import RULES, Rule

LONGEST = timedelta(days=30)  # of a silence
_REASON_CHARS = 500
_OLD = timedelta(minutes=10)  # since the last look, after which nobody looks


def alert_parts(system: System) -> AlertParts:
    """Raises ConfigError for a rule that there is not."""
    settings = system.settings
    events = PostgresEvents(system.database, spool=system.project.state / "event-spool")  # to read alone
    return AlertParts(
        tenant=settings.project.tenant,
        project=settings.project.name,
        events=events,
        happenings=system.happenings,
        alerts=PostgresAlerts(system.database),
        settings=settings.alerts,
        rules=rules_of(settings.alerts),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """A rule as it stands: `usual` and `most` are None while they are not known; `state`: on, off, unmeasured."""

    rule: Rule
    state: str
    usual: float | None
    most: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDesk:
    """What people see of alerts, and do with them."""

    parts: AlertParts

    async def listed(self, *, every: bool = False) -> list[Alert]:
        """Those that stand, or every one; newest first."""
        return await self.parts.alerts.listed(tenant=self.parts.tenant, every=every)

    async def get(self, reference: str) -> Alert:
        """Raises NotFound."""
        return await self.parts.alerts.get(tenant=self.parts.tenant, reference=reference)

    async def ack(self, reference: str, *, by: str, now: datetime) -> Alert:
        """Somebody looks after it: it is not told again. Raises NotFound."""
        return await self.parts.alerts.ack(tenant=self.parts.tenant, reference=reference, by=by, now=now)

    async def silence(
        self, rule: str, *, seconds: float, by: str, now: datetime, key: str = "", reason: str = ""
    ) -> Silence:
        """No messages of a rule for a while. Raises NotFound for an unknown rule, ConfigError for too long."""
        self.rule(rule)
        if not 0 < seconds <= LONGEST.total_seconds():
            raise ConfigError("a silence lasts 30 days at the most", hint="turn a rule off under [alerts.rule]")
        name = short_id("si", self.parts.tenant, rule, key)
        until = now + timedelta(seconds=seconds)
        one = Silence(id=name, rule=rule, key=key, until=until, reason=reason[:_REASON_CHARS])
        await self.parts.alerts.silence(tenant=self.parts.tenant, silence=one, by=by, now=now)
        return one

    async def unsilence(self, rule: str, *, by: str, now: datetime) -> int:
        """End every silence of a rule. Raises NotFound for an unknown one."""
        self.rule(rule)
        return await self.parts.alerts.unsilence(tenant=self.parts.tenant, rule=rule, by=by, now=now)

    async def silences(self, *, now: datetime) -> list[Silence]:
        """In force."""
        return await self.parts.alerts.silences(tenant=self.parts.tenant, now=now)

    async def notices(self, *, limit: int = 50) -> list[Notice]:
        """What was sent, waits or was given up; newest first."""
        return await self.parts.alerts.notices(tenant=self.parts.tenant, limit=limit)

    async def looked(self) -> Watched:
        """When everything was looked at last."""
        return await self.parts.alerts.watched(tenant=self.parts.tenant)

    async def rules(self) -> list[RuleRow]:
        """Every shipped rule, with what is usual."""
        state = WatchState.from_json((await self.looked()).state)
        on = {rule.id: rule for rule in self.parts.rules}
        return [_rule_row(on.get(rule.id), rule, state) for rule in RULES]

    def rule(self, name: str) -> Rule:
        """As this project has it. Raises NotFound."""
        for rule in (*self.parts.rules, *RULES):
            if rule.id == name:
                return rule
        raise NotFound(f"there is no rule {name!r}", hint="`answerable alert rules` names them")

    def row(self, one: Alert) -> dict[str, Any]:
        """As the API and the command line say it."""
        return alert_row(self.rule(one.rule), one)

    async def stale(self, *, now: datetime) -> bool:
        """Nobody has looked for a while: no news is no good news."""
        at = (await self.looked()).at
        return at is None or now - at > _OLD


def alert_desk(system: System) -> AlertDesk:
    """Of a running system. Raises ConfigError for a rule that there is not."""
    return AlertDesk(parts=alert_parts(system))


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


def _rule_row(on: Rule | None, shipped: Rule, state: WatchState) -> RuleRow:
    if on is None:
        return RuleRow(rule=shipped, state="off", usual=None, most=None, n=0)
    usual = state.usual.get(on.id)
    known = usual is not None or state.levels.get(on.id) is not None or bool(on.happenings)
    return RuleRow(
        rule=on,
        state="on" if known else "unmeasured",
        usual=usual.share if usual else state.levels.get(on.id),
        most=usual.most if usual else on.most,
        n=usual.n if usual else 0,
    )
