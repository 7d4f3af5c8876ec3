"""How much may be asked and seen, from the configuration; and who has used how much of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from answerable.config import Settings
from answerable.core.bounds import Bounds
from answerable.core.ports import Happening
from answerable.core.toll import Charge, Meter, Rate

if TYPE_CHECKING:
    from answerable.app.system import System


def bounds_of(settings: Settings) -> Bounds:
    """The bounds of the project."""
    limits = settings.limits
    questions = {
        "key": limits.per_key,
        "user": limits.per_user,
        "network": limits.per_network,
        "tenant": limits.per_tenant,
    }
    tokens = {
        "key": limits.per_key_tokens,
        "user": limits.per_user_tokens,
        "network": limits.per_network_tokens,
        "tenant": limits.per_tenant_tokens,
    }
    return Bounds(
        questions=questions,
        tokens=tokens,
        people=limits.people,
        passages=limits.passages,
        spent=limits.passages_spent,
        sweep=limits.sweep,
        concurrent_user=limits.concurrent_user,
        reserve_tokens=settings.answer.context_tokens + settings.answer.max_output_tokens,
        per_document=limits.document_passages,
    )


async def standing(system: System, payer: str) -> list[dict[str, Any]]:
    """What of each limit a person or a key has used, and the passages that a person was shown. Charges nothing."""
    bounds, tenant = bounds_of(system.settings), system.settings.project.tenant
    meters = [
        Meter(scope=scope, name=payer, unit=unit, rate=rate)
        for unit, rates in (("questions", bounds.questions), ("tokens", bounds.tokens))
        for scope in ("user", "key")
        for rate in rates[scope]
    ]
    toll = await system.tolls.take(
        tenant=tenant,
        charges=[Charge(meter=one, amount=0.0) for one in meters],
        name=payer,
        periods=bounds.periods,
    )
    used = [
        _row(f"{room.meter.scope} {room.meter.unit}", room.meter.rate, room.meter.rate.most - room.left)
        for room in toll.rooms
    ]
    most = {rate.period_s: rate for rate in bounds.passages}
    return used + [_row("passages", most[walk.period_s], walk.passages) for walk in toll.walks]


async def start_anew(system: System, payer: str) -> int:
    """Delete a payer's counters; how many there were. Said in the audit log and among the happenings."""
    tenant = system.settings.project.tenant
    counters = await system.tolls.forget(tenant=tenant, name=payer)
    await system.audit.record(
        tenant=tenant, actor="operator", action="limits.reset", subject=payer, detail={"counters": counters}
    )
    props = {"name": payer, "counters": counters, "by": "operator"}
    system.happenings.write(Happening(name="limit.reset", tenant=tenant, props=props))
    return counters


def _row(limit: str, rate: Rate, used: float) -> dict[str, Any]:
    return {"limit": limit, "used": used, "most": rate.most, "period_s": rate.period_s}
