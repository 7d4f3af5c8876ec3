"""Tolls in memory: what users test limits with, and what stands in while the database is away."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from answerable.core.toll import NOTHING, Charge, Meter, Room, Settlement, Toll, Walk

MOST = 10_000  # payers; the one longest unseen is forgotten first
TOLERANCE_S = 0.001
_Key = tuple[str, str, str, str, int]
_Span = tuple[str, str, int]


@dataclass(slots=True)
class _Window:
    number: int
    asked: int = 0
    shapes: set[str] = field(default_factory=set)
    passages: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class MemoryTolls:
    """The Tolls port, of one process and until it ends. `clock` gives seconds since 1970."""

    clock: Callable[[], float] = time.time
    most: int = MOST
    _paid_at: OrderedDict[_Key, float] = field(default_factory=OrderedDict)
    _windows: OrderedDict[_Span, _Window] = field(default_factory=OrderedDict)

    async def take(
        self,
        *,
        tenant: str,
        charges: Sequence[Charge],
        name: str = "",
        periods: Sequence[int] = (),
        settled: Settlement = NOTHING,
    ) -> Toll:
        """Write what is settled; charge every meter, or none of them when one is too full; tell the walks."""
        self._settle(tenant, settled)
        now = self.clock()
        after = [self._after(tenant, one, now) for one in charges]
        late = [at - now - one.meter.rate.period_s for one, at in zip(charges, after, strict=True)]
        refused = any(one > TOLERANCE_S for one in late)
        if not refused:
            for one, at in zip(charges, after, strict=True):
                self._keep(_key(tenant, one.meter), at)
        rooms = tuple(_room(one, late_s, back=refused) for one, late_s in zip(charges, late, strict=True))
        return Toll(rooms=rooms, walks=tuple(self._walk(tenant, name, one) for one in periods))

    def _settle(self, tenant: str, settled: Settlement) -> None:
        now = self.clock()
        for debt in settled.debts:
            key = _key(tenant, debt.meter)
            paid_at = self._paid_at.get(key, now)
            step = debt.amount * debt.meter.rate.period_s / debt.meter.rate.most
            self._keep(key, (max(paid_at, now) if step > 0 else paid_at) + step)
        for view in settled.views:
            window = self._window(tenant, view.name, view.period_s)
            window.asked += view.asked
            window.shapes.update(view.shapes)
            window.passages.update(view.passages)

    async def walks(self, *, tenant: str, name: str, periods: Sequence[int]) -> tuple[Walk, ...]:
        """How far a person has come in each of the windows, in their order; zeros where nothing is known."""
        return tuple(self._walk(tenant, name, one) for one in periods)

    async def first_told(self, *, tenant: str, name: str, period_s: int, kind: str) -> bool:
        """Whether nobody gave this alarm before in the window; from now on somebody has."""
        window = self._window(tenant, name, period_s)
        first = kind not in window.told
        window.told.add(kind)
        return first

    async def forget(self, *, tenant: str, name: str) -> int:
        """Start anew for a payer; how many counters there were."""
        meters = [key for key in self._paid_at if (key[0], key[2]) == (tenant, name)]
        windows = [key for key in self._windows if key[:2] == (tenant, name)]
        for key in meters:
            del self._paid_at[key]
        for span in windows:
            del self._windows[span]
        return len(meters) + len(windows)

    def _after(self, tenant: str, one: Charge, now: float) -> float:
        rate = one.meter.rate
        paid_at = max(self._paid_at.get(_key(tenant, one.meter), now), now)
        return paid_at + min(one.amount, rate.most) * rate.period_s / rate.most

    def _keep(self, key: _Key, paid_at: float) -> None:
        self._paid_at[key] = paid_at
        self._paid_at.move_to_end(key)
        if len(self._paid_at) > self.most:
            self._paid_at.popitem(last=False)

    def _window(self, tenant: str, name: str, period_s: int) -> _Window:
        number = int(self.clock() // period_s)
        key = (tenant, name, period_s)
        if key not in self._windows or self._windows[key].number != number:
            self._windows[key] = _Window(number)
        self._windows.move_to_end(key)
        if len(self._windows) > self.most:
            self._windows.popitem(last=False)
        return self._windows[key]

    def _walk(self, tenant: str, name: str, period_s: int) -> Walk:
        one = self._windows.get((tenant, name, period_s))
        if one is None or one.number != int(self.clock() // period_s):
            return Walk(name=name, period_s=period_s)
        return Walk(
            name=name,
            period_s=period_s,
            asked=one.asked,
            shapes=len(one.shapes),
            passages=len(one.passages),
            left_s=period_s - self.clock() % period_s,
            told=tuple(sorted(one.told)),
        )


def _key(tenant: str, meter: Meter) -> _Key:
    return (tenant, meter.scope, meter.name, meter.unit, meter.rate.period_s)


def _room(one: Charge, late_s: float, *, back: bool) -> Room:
    rate = one.meter.rate
    given_back = min(one.amount, rate.most) if back else 0.0
    left = max(0.0, -late_s * rate.most / rate.period_s + given_back)
    return Room(meter=one.meter, left=left, wait_s=late_s if late_s > TOLERANCE_S else 0.0)
