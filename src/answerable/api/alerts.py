"""Alerts over HTTP and as a page: what is wrong now, who looks after it, and what is silent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from answerable.api.access import Caller
from answerable.api.browser import html
from answerable.api.looks import look_of
from answerable.api.services import By, Served, Services
from answerable.core.alert import Silence

AlertId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
HOURS, OVER = 4.0, 50
_HOUR_S = 3600.0


class AlertObject(BaseModel):
    """One alert."""

    id: str
    rule: str
    title: str
    severity: str = Field(description="page, ticket or note: at once, today, this week.")
    owner: str
    key: str = Field(description="What of the rule's things it is about; empty: the whole.")
    opened: str
    began: str | None = Field(description="The likely time of the change.")
    resolved: str | None = Field(description="null: it stands.")
    acked: str | None = Field(description="null: nobody looks after it.")
    value: float | None
    usual: float | None = Field(description="null: not known.")
    n: int
    bad: int
    unit: str
    likely: str = Field(description="What it likely comes from.")
    facts: dict[str, Any]
    runbook: str


class AlertsObject(BaseModel):
    """Newest first. `stale`: nobody has looked for ten minutes, and no alert says nothing."""

    alerts: list[AlertObject]
    stale: bool


class Silencing(BaseModel):
    """Which rule, and how long."""

    model_config = ConfigDict(extra="forbid")

    rule: str = Field(min_length=1, max_length=100)
    key: str = Field(default="", max_length=200)
    hours: float = Field(gt=0, le=720)
    reason: str = Field(default="", max_length=500)


class SilenceObject(BaseModel):
    """One silence."""

    rule: str
    key: str
    until: str
    reason: str


async def every(
    services: Served, caller: By, over: Annotated[bool, Query(description="Those that are over, too.")] = False
) -> dict[str, Any]:
    """Alerts that stand."""
    desk = services.system.alerts
    found = await desk.listed(tenant=caller.tenant, every=over)
    stale = await desk.stale(tenant=caller.tenant, now=_now())
    return {"alerts": [desk.row(one) for one in found], "stale": stale}


async def ack(alert_id: AlertId, services: Served, caller: By) -> dict[str, Any]:
    """Look after it: it is not told again."""
    return services.system.alerts.row(await _ack(services, caller, alert_id))


async def silence(body: Silencing, services: Served, caller: By) -> dict[str, Any]:
    """Send no messages of a rule for a while."""
    one = await _silence(services, caller, body.rule, key=body.key, hours=body.hours, reason=body.reason)
    return {"rule": one.rule, "key": one.key, "until": one.until.isoformat(), "reason": one.reason}


async def page(request: Request, services: Served, caller: By) -> Response:
    """The page of what is wrong."""
    desk, now = services.system.alerts, _now()
    found = await desk.listed(tenant=caller.tenant, every=True)
    rows = [{**desk.row(one), "opened": one.opened_at, "began": one.began_at or one.opened_at,
             "resolved": one.resolved_at, "acked": one.acked_at} for one in found]  # fmt: skip
    view = {
        "standing": [row for row in rows if row["resolved"] is None],
        "over": [row for row in rows if row["resolved"] is not None][:OVER],
        "silences": await desk.silences(tenant=caller.tenant, now=now),
        "stale": await desk.stale(tenant=caller.tenant, now=now),
        "looked": (await desk.looked(tenant=caller.tenant)).at,
        "now": now,
    }
    return html(request, services, services.pages.alerts(look_of(request, services), view))


async def ack_form(alert_id: AlertId, services: Served, caller: By) -> Response:
    """The page's button."""
    await _ack(services, caller, alert_id)
    return RedirectResponse("/alerts", status_code=303)


async def silence_form(alert_id: AlertId, services: Served, caller: By) -> Response:
    """The page's button: four hours."""
    one = await services.system.alerts.get(alert_id, tenant=caller.tenant)
    await _silence(services, caller, one.rule, key=one.key, hours=HOURS, reason="")
    return RedirectResponse("/alerts", status_code=303)


async def _ack(services: Services, caller: Caller, alert_id: str) -> Any:
    one = await services.system.alerts.get(alert_id, tenant=caller.tenant)
    return await services.system.alerts.ack(one.id, tenant=caller.tenant, by=caller.principal.id, now=_now())


async def _silence(
    services: Services, caller: Caller, rule: str, *, key: str, hours: float, reason: str
) -> Silence:
    return await services.system.alerts.silence(
        rule,
        tenant=caller.tenant,
        seconds=hours * _HOUR_S,
        by=caller.principal.id,
        now=_now(),
        key=key,
        reason=reason,
    )


def _now() -> datetime:
    return datetime.now(UTC)
