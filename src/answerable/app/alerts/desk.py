"""What people see of alerts, and do with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from answerable.app.alerts.messages import alert_row
from answerable.app.alerts.state import WatchState
from answerable.core.alert import Alert, Notice, Silence, Watched, short_id
from answerable.core.errors import ConfigError, NotFound
from answerable.core.ports import Alerts
from answerable.monitor.alerts.rules import RULES, Rule

LONGEST = timedelta(days=30)  # of a silence
_REASON_CHARS = 500
_OLD = timedelta(minutes=10)  # since the last look, after which nobody looks


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

    alerts: Alerts
    rules: tuple[Rule, ...] = RULES  # as the project has them

    async def listed(self, *, tenant: str, every: bool = False) -> list[Alert]:
        """Those that stand, or every one; newest first."""
        return await self.alerts.listed(tenant=tenant, every=every)

    async def get(self, reference: str, *, tenant: str) -> Alert:
        """Raises NotFound."""
        return await self.alerts.get(tenant=tenant, reference=reference)

    async def ack(self, reference: str, *, tenant: str, by: str, now: datetime) -> Alert:
        """Somebody looks after it: it is not told again. Raises NotFound."""
        return await self.alerts.ack(tenant=tenant, reference=reference, by=by, now=now)

    async def silence(
        self, rule: str, *, tenant: str, seconds: float, by: str, now: datetime, key: str = "", reason: str = ""
    ) -> Silence:
        """No messages of a rule for a while. Raises NotFound for an unknown rule, ConfigError for too long."""
        self.rule(rule)
        if not 0 < seconds <= LONGEST.total_seconds():
            raise ConfigError("a silence lasts 30 days at the most", hint="turn a rule off under [alerts.rule]")
        name = short_id("si", tenant, rule, key)
        until = now + timedelta(seconds=seconds)
        one = Silence(id=name, rule=rule, key=key, until=until, reason=reason[:_REASON_CHARS])
        await self.alerts.silence(tenant=tenant, silence=one, by=by, now=now)
        return one

    async def unsilence(self, rule: str, *, tenant: str, by: str, now: datetime) -> int:
        """End every silence of a rule. Raises NotFound for an unknown one."""
        self.rule(rule)
        return await self.alerts.unsilence(tenant=tenant, rule=rule, by=by, now=now)

    async def silences(self, *, tenant: str, now: datetime) -> list[Silence]:
        """In force."""
        return await self.alerts.silences(tenant=tenant, now=now)

    async def notices(self, *, tenant: str, limit: int = 50) -> list[Notice]:
        """What was sent, waits or was given up; newest first."""
        return await self.alerts.notices(tenant=tenant, limit=limit)

    async def looked(self, *, tenant: str) -> Watched:
        """When everything was looked at last."""
        return await self.alerts.watched(tenant=tenant)

    async def rule_rows(self, *, tenant: str) -> list[RuleRow]:
        """Every shipped rule, with what is usual."""
        state = WatchState.from_json((await self.looked(tenant=tenant)).state)
        on = {rule.id: rule for rule in self.rules}
        return [_rule_row(on.get(rule.id), rule, state) for rule in RULES]

    def rule(self, name: str) -> Rule:
        """As this project has it. Raises NotFound."""
        for rule in (*self.rules, *RULES):
            if rule.id == name:
                return rule
        raise NotFound(f"there is no rule {name!r}", hint="`answerable alert rules` names them")

    def row(self, one: Alert) -> dict[str, Any]:
        """As the API and the command line say it."""
        return alert_row(self.rule(one.rule), one)

    async def stale(self, *, tenant: str, now: datetime) -> bool:
        """Nobody has looked for a while: no news is no good news."""
        at = (await self.looked(tenant=tenant)).at
        return at is None or now - at > _OLD


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
