"""How many alerts stand, as figures."""

from __future__ import annotations

from collections.abc import Sequence

from answerable.config import Settings
from answerable.core.alert import Severity
from answerable.core.figures import Sample
from answerable.core.ports import Alerts

NAME = "answerable_alerts_standing"


async def alert_samples(alerts: Alerts, settings: Settings) -> Sequence[Sample]:
    """By severity, zeros too. Raises DatabaseUnreachable."""
    standing = await alerts.listed(tenant=settings.project.tenant)
    return [
        Sample(name=NAME, labels=(one.value,), value=float(sum(alert.severity is one for alert in standing)))
        for one in Severity
    ]
