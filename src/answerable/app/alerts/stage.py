"""A drill of alerts: a past, a time that is well, then a fault; what it raises, and after how many answers.

Turns are the events of one question each, as the emission makes them, from real answers or from made-up ones; they
are told again at simulated times, and each simulated minute is looked at by the real evaluation.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from answerable.app.alerts.evaluating import evaluate_alerts
from answerable.app.alerts.parts import AlertParts
from answerable.core.alert import Alert
from answerable.core.event import Event, event_id_of
from answerable.core.ports import Events, Happening
from answerable.testing.event_stream import HappeningStream

TurnEvents = Sequence[Event]
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """One alert: how long after the fault began, and after how many answers."""

    alert: Alert
    minutes: float
    answers: int


@dataclass(slots=True, kw_only=True)
class Stage:
    """Where a drill is played. `a_minute`: answers in a simulated minute; `now` is moved on by what is played."""

    parts: AlertParts
    events: Events
    happenings: HappeningStream
    now: datetime
    a_minute: int = 20
    seed: int = 1
    told: int = 0
    raised: list[Alert] = field(default_factory=list)

    async def tell(self, turns: Sequence[TurnEvents], *, minutes: int, a_minute: int) -> None:
        """Turns drawn at random, without a look: the past."""
        chance = random.Random(self.seed)
        every = [chance.choice(turns) for _ in range(minutes * a_minute)]
        await self.events.append(self._spread(every, minutes * MINUTE))
        self.now += minutes * MINUTE

    async def wait(self, minutes: int) -> None:
        """Nobody asks anything."""
        self.now += minutes * MINUTE

    async def live(self, turns: Sequence[TurnEvents], *, answers: int) -> list[Alert]:
        """Turns drawn at random, looked at every minute. The alerts that were raised."""
        chance = random.Random(self.seed + 1)

        async def drawn(count: int) -> Sequence[TurnEvents]:
            return [chance.choice(turns) for _ in range(count)]

        return [one.alert for one in await self.fault(drawn, answers=answers, until=lambda alert: False)]

    async def fault(
        self,
        turns: Callable[[int], Awaitable[Sequence[TurnEvents]]],
        *,
        answers: int,
        until: Callable[[Alert], bool],
        happened: Callable[[], AsyncIterator[Happening]] | None = None,
    ) -> list[Raised]:
        """`turns` gives as many new ones as it is asked for; ends after `answers`, or where `until` says so."""
        begun, given, found = self.now, 0, list[Raised]()
        while given < answers:
            new = await turns(min(self.a_minute, answers - given))
            await self.events.append(self._spread(new, MINUTE))
            given += len(new)
            self.now += MINUTE
            if happened is not None:
                async for one in happened():
                    self.happenings.write(replace(one, tenant=self.parts.tenant, at=self.now - MINUTE / 2))
            self.happenings.now = self.now
            opened = (await evaluate_alerts(self.parts, now=self.now)).opened
            minutes = (self.now - begun) / MINUTE
            found += [Raised(alert=one, minutes=minutes, answers=given) for one in opened]
            self.raised += opened
            if any(until(one) for one in opened):
                break
        return found

    def _spread(self, turns: Sequence[TurnEvents], over: timedelta) -> list[Event]:
        """Evenly over a span, each turn at its new time."""
        step = over / max(1, len(turns))
        return [event for n, turn in enumerate(turns) for event in self._again(turn, self.now + n * step)]

    def _again(self, turn: TurnEvents, at: datetime) -> list[Event]:
        self.told += 1
        first = min(event.at for event in turn)
        number = str(self.told)
        return [
            replace(
                event,
                tenant=self.parts.tenant,
                at=min(at + (event.at - first), at + MINUTE / 4),
                id=event_id_of(at, self.parts.tenant, number, str(n)),
                turn=number,
                trace=number,
                answer=f"an_{number}",
            )
            for n, event in enumerate(turn)
        ]
