"""On whose account a service is called that is no language model: priced, paid for and booked like one."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from answerable.core.call import Call, Observer
from answerable.core.completion import Usage
from answerable.core.deadline import Deadline
from answerable.core.errors import (
    AnswerableError,
    BudgetExceeded,
    ModelError,
    PermanentModelError,
    TransientModelError,
)
from answerable.core.ports import Held, Paying, Pricing
from answerable.core.trace import current


@dataclass(slots=True, kw_only=True)
class Bill:
    """What the service says it did; filled in while it is called."""

    usage: Usage | None = None  # None: it does not say, and the estimate counts
    reported: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Without observers, prices and a purse nothing is written down and nothing is paid."""

    use: str  # embed | rerank
    provider: str
    model: str  # as asked for
    endpoint: str = ""
    observers: Sequence[Observer] = ()
    pricing: Pricing | None = None
    paying: Paying | None = None
    refuse_unpriced: bool = False
    clock: Callable[[], float] = field(default=time.perf_counter)

    @asynccontextmanager
    async def call(self, expected: Usage, *, deadline: Deadline, key: str = "") -> AsyncIterator[Bill]:
        """Around one request, by default with the question's credential. Raises BudgetExceeded before it where its
        most is not there."""
        trace = current.get()
        key = key or (trace.key if trace else "")
        tenant, bill, started = trace.tenant if trace else "", Bill(), self.clock()
        held = await self._hold(expected, tenant=tenant, key=key, deadline=deadline)
        outcome, usage, status = "cancelled", expected, None
        try:
            yield bill
            outcome, usage = "ok", bill.usage or expected
        except AnswerableError as error:
            outcome = "permanent" if isinstance(error, PermanentModelError) else "transient"
            status = error.status if isinstance(error, ModelError) else None
            usage = bill.usage or (Usage() if isinstance(error, TransientModelError) or status else expected)
            raise
        finally:
            used = self._costed(usage)
            if held is not None and self.paying is not None:
                self.paying.settle(held, used.cost if used.cost is not None else held.amount)
            self._tell(
                Call(
                    use=self.use,
                    provider=self.provider,
                    model=self.model,
                    outcome=outcome,
                    tenant=tenant,
                    key=key,
                    trace_id=trace.id if trace else "",
                    endpoint=self.endpoint,
                    reported=bill.reported,
                    status=status,
                    duration_ms=(self.clock() - started) * 1000.0,
                    usage=used if used.input or used.searches else None,
                    table=self.pricing.version if self.pricing else "",
                )
            )

    async def _hold(self, expected: Usage, *, tenant: str, key: str, deadline: Deadline) -> Held | None:
        most = self.pricing.most(self.model, expected) if self.pricing else None
        if most is None and self.refuse_unpriced:
            raise BudgetExceeded(
                f'{self.model} has no price, and [budget] unpriced = "refuse"',
                hint=f'set [price."{self.model}"]',
                scope="unpriced",
            )
        if self.paying is None or not most:
            return None
        return await self.paying.hold(most, tenant=tenant, key=key, deadline=deadline)

    def _costed(self, usage: Usage) -> Usage:
        return self.pricing.costed(self.model, usage) if self.pricing else usage

    def _tell(self, call: Call) -> None:
        for observe in self.observers:
            observe(call)
