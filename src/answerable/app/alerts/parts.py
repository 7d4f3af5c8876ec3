"""What a look at everything needs, and what it gives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from answerable.config.alerts import AlertsSection
from answerable.core.alert import Alert
from answerable.core.ports import Alerts, Events, Happenings
from answerable.monitor.alerts.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One figure now. None: it is not measured, which is shown, and is no reason either way."""

    value: float | None
    usual: float | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


async def _nothing(now: datetime) -> Mapping[str, Level]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertParts:
    """`levels`: figures that no event tells, by rule. `project` is named in messages."""

    tenant: str
    events: Events
    happenings: Happenings
    alerts: Alerts
    settings: AlertsSection
    rules: tuple[Rule, ...]
    project: str = "answerable"
    levels: Callable[[datetime], Awaitable[Mapping[str, Level]]] = _nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """`void`: another worker looked meanwhile, and nothing was changed. `unmeasured`: rules that saw nothing."""

    opened: tuple[Alert, ...] = ()
    resolved: tuple[Alert, ...] = ()
    standing: tuple[Alert, ...] = ()
    unmeasured: tuple[str, ...] = ()
    void: bool = False
