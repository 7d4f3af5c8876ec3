"""Who may come in: so many at once, the tenants in turn, and a refusal at once instead of a late answer."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from answerable.api.allowance import Allowance
from answerable.core.deadline import Deadline
from answerable.core.errors import Overloaded

WAITED = 0.5  # of the time a question has left, at the most: the rest is for its answer
SMOOTH = 0.1  # the newest service time's weight in the mean


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionLimits:
    """Times in seconds. `tenant_share` of the places one tenant may hold while others wait."""

    concurrent: int = 200
    tenant_share: float = 1.0
    queue: int = 200
    queue_s: float = 1.0
    adaptive: bool = True
    own_s: float = 1.2  # what an answer may take without its model, before there are fewer at once


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionSnapshot:
    """How it stands, for /metrics. `allowed`: so many may be under way just now; `service_s`: a smoothed mean."""

    allowed: int
    under_way: int
    waiting: int
    service_s: float
    admitted: int  # since the start, as the next two
    left: int
    refused: Mapping[str, int] = field(default_factory=dict)  # busy | own_share


@dataclass(slots=True, kw_only=True, eq=False)
class Ticket:
    """One question's place: in the queue, then among those under way. `leave` gives it back, however it ends."""

    tenant: str
    since: float
    patience_s: float
    _admission: Admission
    turn: asyncio.Future[None] | None = None  # None: it never had to wait
    entered_at: float | None = None
    refused: Overloaded | None = None  # it was turned away while it waited
    own_s: float | None = None  # what the answer took without its model; set by whoever knows
    gone: bool = False

    async def entered(self) -> float:
        """Waits for the turn; the seconds waited. Raises Overloaded when the turn does not come in time."""
        if self.turn is not None and self.entered_at is None:
            await asyncio.wait({self.turn}, timeout=self.patience_s)
        if self.entered_at is None:
            raise self.refused or self._admission.refusal(self.tenant)
        return self.entered_at - self.since

    def leave(self) -> None:
        """Under way or still in the queue: the place is free for the next. May be called twice."""
        if not self.gone:
            self.gone = True
            self._admission.left(self)


def _unheard(reason: str) -> None:
    return


class Admission:
    """The places of one process, and who waits for one.

    A free place goes to the waiting tenant that holds the fewest (max-min fairness), among equals to the one
    served the longest ago, inside a tenant first come first served. A full queue turns away the last of the
    tenant that fills it most; `shed` hears of everybody who is turned away. A question that would wait longer
    than it may, by Little's law (those before it × mean service time / places), is refused at once. Reasons and a
    simulation: docs/decisions/0160-admission.md.
    """

    def __init__(
        self,
        limits: AdmissionLimits,
        *,
        shed: Callable[[str], None] = _unheard,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits
        self._shed = shed
        self._clock = clock
        self._allowance = Allowance(most=limits.concurrent, adaptive=limits.adaptive, target_s=limits.own_s)
        self._held: Counter[str] = Counter()
        self._queues: OrderedDict[str, deque[Ticket]] = OrderedDict()  # the longest unserved tenant first
        self._service_s = 0.0
        self._admitted = 0
        self._left = 0
        self._refused: Counter[str] = Counter()

    def ask(self, tenant: str, deadline: Deadline) -> Ticket:
        """A place, or one in the queue. Raises Overloaded at once where waiting would be in vain."""
        patience_s = min(self._limits.queue_s, WAITED * deadline.remaining_s)
        ticket = Ticket(tenant=tenant, since=self._clock(), patience_s=patience_s, _admission=self)
        if self._under_way < self._allowance.now and not self._queues:
            self._enter(ticket)
            return ticket
        if self.expected_wait_s(tenant) > patience_s:
            raise self.refusal(tenant)
        self._make_room(tenant)
        ticket.turn = asyncio.get_running_loop().create_future()
        self._queues.setdefault(tenant, deque()).append(ticket)
        self._hand_out()
        return ticket

    def left(self, ticket: Ticket) -> None:
        """Called by the ticket: its place is free."""
        if ticket.entered_at is None:
            self._left += 1
            self._drop(ticket)
        else:
            self._held[ticket.tenant] -= 1
            self._held += Counter()  # only tenants that hold something are kept
            self._learn(ticket)
        self._hand_out()

    def expected_wait_s(self, tenant: str) -> float:
        """How long a new question of the tenant would wait."""
        own = len(self._queues.get(tenant, ()))
        tenants = len({*self._queues, tenant})
        before = min(self._waiting, own * tenants + tenants - 1) + 1
        return before * self._service_s / max(1, self._allowance.now)

    def refusal(self, tenant: str, *, own_share: bool = False) -> Overloaded:
        """The error for a question that gets no place; counted."""
        own = own_share or self._holds_too_much(tenant)
        reason = "own_share" if own else "busy"
        self._refused[reason] += 1
        self._shed(reason)
        return Overloaded(
            f"{self._under_way} questions are under way and {self._waiting} wait",
            hint="come again after Retry-After; operators: limits.concurrent, limits.queue",
            retry_after_s=max(1.0, math.ceil(self.expected_wait_s(tenant))),
            own_share=own,
        )

    def snapshot(self) -> AdmissionSnapshot:
        """How it stands."""
        return AdmissionSnapshot(
            allowed=self._allowance.now,
            under_way=self._under_way,
            waiting=self._waiting,
            service_s=self._service_s,
            admitted=self._admitted,
            left=self._left,
            refused=dict(self._refused),
        )

    @property
    def _under_way(self) -> int:
        return self._held.total()

    @property
    def _waiting(self) -> int:
        return sum(map(len, self._queues.values()))

    def _holds_too_much(self, tenant: str) -> bool:
        """More than an equal part of the places and of the queue, while others want some."""
        tenants = {*self._held, *self._queues, tenant}
        mine = self._held[tenant] + len(self._queues.get(tenant, ()))
        return len(tenants) > 1 and mine * len(tenants) > self._under_way + self._waiting

    def _make_room(self, tenant: str) -> None:
        """In a full queue the tenant with the most in it gives way, if that is another."""
        if self._waiting < self._limits.queue:
            return
        fullest = max(self._queues, key=lambda one: len(self._queues[one]), default=tenant)
        own = len(self._queues.get(tenant, ()))
        if fullest == tenant or len(self._queues[fullest]) <= own + 1:
            raise self.refusal(tenant)
        last = self._queues[fullest][-1]
        last.refused, last.gone = self.refusal(fullest, own_share=True), True
        self._drop(last)
        _wake(last)

    def _drop(self, ticket: Ticket) -> None:
        queue = self._queues.get(ticket.tenant)
        if queue is not None and ticket in queue:
            queue.remove(ticket)
            if not queue:
                del self._queues[ticket.tenant]

    def _hand_out(self) -> None:
        while self._under_way < self._allowance.now and (tenant := self._next()) is not None:
            ticket = self._queues[tenant].popleft()
            self._queues.move_to_end(tenant)
            if not self._queues[tenant]:
                del self._queues[tenant]
            self._enter(ticket)

    def _next(self) -> str | None:
        """Whose turn it is; None where nobody waits, or only those who hold their share already."""
        most = max(1.0, self._limits.tenant_share * self._allowance.now)
        alone = len({*self._queues, *self._held}) == 1
        open_ = [one for one in self._queues if alone or self._held[one] < most]
        return min(open_, key=lambda one: self._held[one], default=None)

    def _enter(self, ticket: Ticket) -> None:
        ticket.entered_at = self._clock()
        self._held[ticket.tenant] += 1
        self._admitted += 1
        _wake(ticket)

    def _learn(self, ticket: Ticket) -> None:
        assert ticket.entered_at is not None  # noqa: S101 - it was under way
        took_s = self._clock() - ticket.entered_at
        self._service_s = took_s if not self._service_s else (1 - SMOOTH) * self._service_s + SMOOTH * took_s
        if ticket.own_s is not None:
            full = self._under_way + 1 >= self._allowance.now
            self._allowance.learn(ticket.own_s, full=full, begun=ticket.entered_at, now=self._clock())


def _wake(ticket: Ticket) -> None:
    if ticket.turn is not None and not ticket.turn.done():
        ticket.turn.set_result(None)
