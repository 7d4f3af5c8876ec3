"""Alarms of abuse: what an operator is told, once a window, and what is counted each time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from answerable.api.payer import Payer
from answerable.core.errors import Unreachable
from answerable.core.ports import Happening, Tolls
from answerable.core.toll import Room, Walk

QUIET_S = 600.0  # between two notices of the same full meter
KEPT = 1000


class Counted(Protocol):
    """Adds one to a figure."""

    def __call__(self, name: str, *labels: str) -> None: ...


@dataclass(slots=True, kw_only=True)
class Alarms:
    """`told` is given happenings, and must not wait."""

    told: Callable[[Happening], None]
    counted: Counted
    clock: Callable[[], float] = time.monotonic
    _quiet_until: OrderedDict[str, float] = field(default_factory=OrderedDict)

    def turned_away(self, scope: str, unit: str) -> None:
        """One more was turned away."""
        self.counted("answerable_toll_refused_total", scope, unit)

    def sheltered(self) -> None:
        """One more was counted by this process alone."""
        self.counted("answerable_toll_sheltered_total")

    def full(self, payer: Payer, room: Room) -> None:
        """A meter was too full for a question."""
        meter = room.meter
        self.turned_away(meter.scope, meter.unit)
        if self._is_news(f"{payer.tenant} {meter.scope} {meter.name} {meter.unit} {meter.rate.period_s}"):
            self.told(
                Happening(
                    name="limit.reached",
                    tenant=payer.tenant,
                    props={
                        "scope": meter.scope,
                        "name": meter.name,
                        "unit": meter.unit,
                        "most": float(meter.rate.most),
                        "period_s": meter.rate.period_s,
                        "principal": payer.person,
                        "wait_s": round(room.wait_s, 1),
                    },
                )
            )

    async def give(self, payer: Payer, walk: Walk, *, kind: str, action: str, tolls: Tolls) -> None:
        """Somebody has seen too much, or sweeps: said once in the window, whichever process sees it."""
        if not self._is_news(f"{payer.tenant} {payer.person} {kind} {walk.period_s}"):
            return
        try:
            first = await tolls.first_told(
                tenant=payer.tenant, name=payer.person, period_s=walk.period_s, kind=kind
            )
        except Unreachable:
            first = True
        if first:
            self.counted("answerable_abuse_alarms_total", kind)
            self.told(
                Happening(
                    name="abuse.suspected",
                    tenant=payer.tenant,
                    props={
                        "kind": kind,
                        "principal": payer.person,
                        "key": payer.key,
                        "network": payer.network,
                        "action": action,
                        "asked": walk.asked,
                        "passages": round(walk.passages),
                        "shapes": round(walk.shapes),
                        "period_s": walk.period_s,
                    },
                )
            )

    def canary(self, payer: Payer, document_id: str, *, where: str) -> None:
        """A canary was found: by a search (the first of its list), as a document, or by its mark in an answer."""
        if self._is_news(f"{payer.tenant} {payer.person} canary {document_id} {where}"):
            self.counted("answerable_abuse_alarms_total", "canary")
            self.told(
                Happening(
                    name="abuse.suspected",
                    tenant=payer.tenant,
                    props={
                        "kind": "canary",
                        "principal": payer.person,
                        "key": payer.key,
                        "network": payer.network,
                        "action": "tell",
                        "canary": document_id,
                        "where": where,
                    },
                )
            )

    def _is_news(self, what: str) -> bool:
        now = self.clock()
        if now < self._quiet_until.get(what, now):
            return False
        self._quiet_until[what] = now + QUIET_S
        self._quiet_until.move_to_end(what)
        if len(self._quiet_until) > KEPT:
            self._quiet_until.popitem(last=False)
        return True
