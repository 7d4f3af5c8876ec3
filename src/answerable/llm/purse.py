"""What calls may cost: held before they are made, by question, credential, day and month; settled after."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from answerable.core import trace as tracing
from answerable.core.deadline import Deadline
from answerable.core.errors import AnswerableError, BudgetExceeded
from answerable.core.ports import Budgets, Happening, Happenings, Held, Limit, Reservation
from answerable.core.trace import Trace

log = logging.getLogger(__name__)
NOTHING = Decimal(0)
_WAIT_S = 1.0  # for the budgets' database; docs/decisions/0166-*.md
_REST_S = 1.0  # after it did not answer: so long no call waits for it
_AGAIN_S = (0.5, 2.0, 8.0)  # until a settlement is tried again
_CLOSING_S = 5.0


def _today() -> date:
    return datetime.now(UTC).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """How much may be spent, in the project's currency; None: no limit. Days and months are UTC's."""

    request: Decimal | None = None
    key: Decimal | None = None
    daily: Decimal | None = None
    monthly: Decimal | None = None
    tenants: Mapping[str, Decimal] = field(default_factory=dict)  # a tenant's own month
    soft: Decimal = Decimal("0.8")  # the share that warns
    currency: str = "USD"
    owner: str = ""

    def limits(self, *, tenant: str, key: str, day: date) -> tuple[Limit, ...]:
        """The budgets that a call counts against on a day; the one by question is not among them."""
        month = day.replace(day=1)
        given = (
            ("key", key, day, self.key if key else None),
            ("daily", tenant, day, self.daily),
            ("monthly", tenant, month, self.tenants.get(tenant, self.monthly)),
        )
        return tuple(
            Limit(scope=scope, name=name, period=period, amount=amount, soft=amount * self.soft)
            for scope, name, period, amount in given
            if amount is not None
        )


@dataclass(slots=True, kw_only=True)
class Purse:
    """Holds and settles. Without budgets of any kind it asks nobody; close it at the end.

    Where the budgets cannot be asked within `wait_s`, the call is refused: what is not known to be there is not
    spent. A settlement runs beside the answer, and is tried again; one that is lost for good leaves the whole sum
    held, which counts as spent in the end.
    """

    amounts: Amounts
    budgets: Budgets | None = None
    tenant: str = "default"  # that pays for calls on nobody's behalf
    happenings: Happenings | None = None
    wait_s: float = _WAIT_S
    today: Callable[[], date] = _today
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _closed_until: float = 0.0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def hold(self, amount: Decimal, *, tenant: str, key: str, deadline: Deadline) -> Held:
        """Set the amount aside, everywhere or nowhere. Raises BudgetExceeded, and nothing else of its own."""
        trace = tracing.current.get()
        self._check_request(amount, trace)
        limits = self.amounts.limits(tenant=tenant or self.tenant, key=key, day=self.today())
        if trace is not None:
            trace.committed += amount
        try:
            reservation = await self._reserved(amount, tenant or self.tenant, limits, deadline)
        except BaseException:
            if trace is not None:
                trace.committed -= amount
            raise
        return Held(amount=amount, reservation=reservation, trace=trace)

    def settle(self, held: Held, cost: Decimal) -> None:
        """Say what it did cost; returns at once. What a provider miscounts below nothing gives no money back."""
        cost = max(cost, NOTHING)
        if held.trace is not None:
            held.trace.committed += cost - held.amount
        if held.reservation is not None:
            self._beside(self._settle(held.reservation, cost))

    async def aclose(self) -> None:
        """Wait for what is being settled, but not for ever."""
        until = self.clock() + _CLOSING_S
        while self._tasks and self.clock() < until:
            await asyncio.wait(self._tasks, timeout=max(0.0, until - self.clock()))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _check_request(self, amount: Decimal, trace: Trace | None) -> None:
        most = self.amounts.request
        if most is None or trace is None or trace.committed + amount <= most:
            return
        spent = f"{trace.committed:f} of {most:f} {self.amounts.currency} are spent or held"
        raise BudgetExceeded(
            f"the question's budget does not cover the call: {spent}, it may cost {amount:f}",
            hint="raise budget.request, or lower answer.max_output_tokens",
            scope="request",
        )

    async def _reserved(
        self, amount: Decimal, tenant: str, limits: tuple[Limit, ...], deadline: Deadline
    ) -> Reservation | None:
        if self.budgets is None or not limits or not amount:
            return None
        if self.clock() < self._closed_until:
            raise _unknown("the database did not answer a moment ago")
        asking = asyncio.ensure_future(self.budgets.reserve(tenant=tenant, amount=amount, limits=limits))
        wait_s = min(self.wait_s, deadline.remaining_s)
        try:
            async with asyncio.timeout(wait_s):
                reservation = await asyncio.shield(asking)
        except BudgetExceeded:
            raise
        except (AnswerableError, TimeoutError) as error:
            if wait_s == self.wait_s or not isinstance(error, TimeoutError):
                self._closed_until = self.clock() + _REST_S  # a question that was in a hurry says nothing of it
            asking.add_done_callback(self._give_back)
            raise _unknown(str(error) or f"no answer within {wait_s:.2g} s") from error
        except asyncio.CancelledError:
            asking.add_done_callback(self._give_back)
            raise
        self._warn(reservation, limits)
        return reservation

    def _give_back(self, asked: asyncio.Future[Reservation]) -> None:
        """What was granted when nobody waited for it any more."""
        if not asked.cancelled() and asked.exception() is None:
            self._beside(self._settle(asked.result(), NOTHING))

    async def _settle(self, reservation: Reservation, cost: Decimal) -> None:
        assert self.budgets is not None  # noqa: S101 - they made the reservation
        for wait_s in (*_AGAIN_S, None):
            try:
                await self.budgets.settle(reservation, cost=cost)
            except AnswerableError as error:
                if wait_s is None:
                    log.error("%s stays held in full: %s", reservation.id, error)
                    return
                await self.sleep(wait_s)
            else:
                return

    def _beside(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work, name="settle")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _warn(self, reservation: Reservation, limits: tuple[Limit, ...]) -> None:
        crossed = [limit for limit in limits if limit.scope in reservation.warned]
        for limit in crossed:
            log.warning("%s of the %s budget of %s are spent or held", self.amounts.soft, limit.scope, limit.name)
            if self.happenings is not None:
                self.happenings.write(self._threshold(reservation.tenant, limit))

    def _threshold(self, tenant: str, limit: Limit) -> Happening:
        props = {
            "scope": limit.scope,
            "name": limit.name,
            "period": limit.period.isoformat(),
            "limit": str(limit.amount),
            "share": str(self.amounts.soft),
            "currency": self.amounts.currency,
            "owner": self.amounts.owner,
        }
        trace = tracing.current.get()
        return Happening(
            name="budget.threshold", tenant=tenant, props=props, trace_id=trace.id if trace is not None else ""
        )


def _unknown(why: str) -> BudgetExceeded:
    return BudgetExceeded(
        f"the budgets cannot be asked: {why}",
        hint="no paid call is made while it is not known what may be spent",
        scope="unknown",
    )
