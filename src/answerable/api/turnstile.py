"""The turnstile: every question, search and opened document passes it, is counted, and may be turned away."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from answerable.api.alarms import Alarms
from answerable.api.passing import Passing
from answerable.api.payer import Payer
from answerable.api.unsettled import Unsettled
from answerable.core.bounds import SCOPES, Bounds, is_sweep
from answerable.core.canary import SOURCE, tripped
from answerable.core.errors import NotFound, Overloaded, TooMuch, Unreachable
from answerable.core.ports import DocumentView, Tolls
from answerable.core.toll import UNCHARGED, Charge, Meter, Rate, Room, Settlement, Toll, View, Walk
from answerable.text.shapes import question_shape

READ = 0.25  # of a question, for an opened document: four citations looked up are one question
SETTLE_S = 1.0  # what no later question has taken along is written then


@dataclass(slots=True, kw_only=True)
class Turnstile:
    """Charges before the work, settles after it; what is to be settled travels with the tenant's next charge.

    While the database does not answer, `shelter` counts what this process sees: then a limit is one process's.
    """

    tolls: Tolls
    shelter: Tolls
    bounds: Bounds
    alarms: Alarms
    settle_s: float = SETTLE_S
    _under_way: Counter[tuple[str, str]] = field(default_factory=Counter)
    _unsettled: Unsettled = field(default_factory=Unsettled)
    _settling: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def passing(self, payer: Payer, question: str, *, counts: float = 1.0) -> AsyncIterator[Passing]:
        """While a question or a search is worked on, which counts as so many questions.

        Raises TooMuch, and Overloaded for too many at once."""
        one = Passing(payer=payer, shape=question_shape(question), questions=counts)
        one.held = self.bounds.reserve_tokens + len(question) / 3
        with self._place(payer):
            await self._enter(one)
            found: list[str] = []
            listening = tripped.set(found)
            try:
                yield one
            finally:
                tripped.reset(listening)
                self._tell_of_canaries(one, found)
                self._leave(one)

    async def opened(self, payer: Payer, view: DocumentView) -> None:
        """Somebody opens a document. Raises TooMuch, and NotFound for a canary, which nobody is shown."""
        if view.source == SOURCE:
            self.alarms.canary(payer, view.id, where="document")
            raise NotFound("there is no such document")
        one = Passing(payer=payer, questions=READ, used=0.0)
        await self._enter(one)
        try:
            self.turn_away(one)
            one.show(*(chunk.id for chunk in view.chunks[: self.bounds.per_document]))
        finally:
            self._leave(one)

    def turn_away(self, one: Passing) -> None:
        """Raises TooMuch for who has seen too much, where there is no answer that could say so."""
        if one.refused:
            wait_s = max((walk.left_s for walk in one.toll.walks), default=0.0)
            raise TooMuch(
                f"{one.payer.person} is refused: {one.refused}", limit=one.refused, retry_after_s=max(1.0, wait_s)
            )

    async def close(self) -> None:
        """Write what is still to be settled."""
        if self._settling is not None:
            self._settling.cancel()
            await asyncio.gather(self._settling, return_exceptions=True)
        await self._settle()

    def _tell_of_canaries(self, one: Passing, found: Sequence[str]) -> None:
        for document_id in found:
            self.alarms.canary(one.payer, document_id, where="search")
        for mark in one.marks:
            self.alarms.canary(one.payer, mark, where="answer")

    @contextmanager
    def _place(self, payer: Payer) -> Iterator[None]:
        who, most = (payer.tenant, payer.person), self.bounds.concurrent_user
        if most and self._under_way[who] >= most:
            self.alarms.turned_away("user", "concurrent")
            raise Overloaded(f"{payer.person} has {most} questions under way", own_share=True)
        self._under_way[who] += 1
        try:
            yield
        finally:
            self._under_way[who] -= 1
            if not self._under_way[who]:
                del self._under_way[who]

    async def _enter(self, one: Passing) -> None:
        one.toll = await self._take(one)
        if (full := one.toll.refused) is not None:
            self.alarms.full(one.payer, full)
            raise too_much(full)
        await self._look(one)

    async def _take(self, one: Passing) -> Toll:
        """From the database, or from this process's own counters while that is away."""
        payer, charges = one.payer, self._charges(one)
        if not charges and not self.bounds.periods:
            return UNCHARGED
        settled = self._unsettled.take(payer.tenant)
        try:
            return await self.tolls.take(
                tenant=payer.tenant,
                charges=charges,
                name=payer.person,
                periods=self.bounds.periods,
                settled=settled,
            )
        except Unreachable:
            self._unsettled.add(payer.tenant, debts=settled.debts, views=settled.views)
            self.alarms.sheltered()
            return await self.shelter.take(
                tenant=payer.tenant,
                charges=charges,
                name=payer.person,
                periods=self.bounds.periods,
                settled=Settlement(views=settled.views),
            )
        except asyncio.CancelledError:  # whether it was written is unknown: rather charged twice than never
            debts = [debt for debt in settled.debts if debt.amount > 0]
            self._unsettled.add(payer.tenant, debts=debts, views=settled.views)
            raise

    def _charges(self, one: Passing) -> list[Charge]:
        """One for each limit that there is."""
        asked = [Charge(meter=meter, amount=one.questions) for meter in self._meters(one.payer, "questions")]
        if one.used is not None:
            return asked
        return asked + [Charge(meter=meter, amount=one.held) for meter in self._meters(one.payer, "tokens")]

    def _meters(self, payer: Payer, unit: str) -> Iterator[Meter]:
        rates = self.bounds.questions if unit == "questions" else self.bounds.tokens
        for scope in SCOPES:
            own = self.bounds.people.get(payer.person) if (scope, unit) == ("user", "questions") else None
            for rate in rates.get(scope, ()) if own is None else own:
                yield Meter(scope=scope, name=payer.name(scope), unit=unit, rate=rate)

    async def _look(self, one: Passing) -> None:
        """Whether the person has seen too much, or walks through the documents."""
        bounds, walks = self.bounds, one.toll.walks
        spent = bounds.spent_by(walks)
        if spent is not None:
            await self._act(one, spent, kind="passages", action=bounds.spent)
        if bounds.sweep != "off" and walks and is_sweep(walks[0]):
            await self._act(one, walks[0], kind="sweep", action=bounds.sweep)

    async def _act(self, one: Passing, walk: Walk, *, kind: str, action: str) -> None:
        if action == "person":
            one.refused = one.refused or kind
        if action == "slow":
            self._slow(one.payer)
        if kind not in walk.told:
            await self.alarms.give(one.payer, walk, kind=kind, action=action, tolls=self.tolls)

    def _slow(self, payer: Payer) -> None:
        """Each question counts as several."""
        further = self.bounds.slow_by - 1.0
        own = [meter for meter in self._meters(payer, "questions") if meter.scope == "user"]
        self._unsettled.add(payer.tenant, debts=[Charge(meter=one, amount=further) for one in own])

    def _leave(self, one: Passing) -> None:
        """Never waits: the next question takes it along, or it is written a moment later."""
        payer, debts = one.payer, []
        if one.used is not None and one.held:
            owed = one.used - one.held
            debts = [Charge(meter=meter, amount=owed) for meter in self._meters(payer, "tokens")]
        views = [
            View(
                name=payer.person,
                period_s=period_s,
                asked=1 if one.shape else 0,
                shapes=(one.shape,) if one.shape else (),
                passages=tuple(one.shown),
            )
            for period_s in self.bounds.periods
        ]
        self._unsettled.add(payer.tenant, debts=debts, views=views)
        if self._unsettled.tenants() and (self._settling is None or self._settling.done()):
            self._settling = asyncio.create_task(self._settle_soon())

    async def _settle_soon(self) -> None:
        await asyncio.sleep(self.settle_s)
        await self._settle()

    async def _settle(self) -> None:
        for tenant in self._unsettled.tenants():
            settled = self._unsettled.take(tenant)
            try:
                await self.tolls.take(tenant=tenant, charges=(), settled=settled)
            except Unreachable:
                self._unsettled.add(tenant, debts=settled.debts, views=settled.views)


def too_much(room: Room) -> TooMuch:
    """The error for a meter that is full."""
    rate: Rate = room.meter.rate
    return TooMuch(
        f"{room.meter.scope} {room.meter.name}: more than {rate.most:g} {room.meter.unit} in {rate.period_s} s",
        limit=f"{room.meter.scope}-{room.meter.unit}",
        retry_after_s=room.wait_s,
        room=room,
    )
