"""An LLM that is left alone while it fails: one endpoint with its circuit, its rests and its load."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import (
    BudgetExceeded,
    DeadlineExceeded,
    ModelError,
    NotAsked,
    PermanentModelError,
    TransientModelError,
)
from answerable.core.ports import LLM, Happening
from answerable.core.prompt import Rendered
from answerable.core.rate import RateLimit
from answerable.core.time_limit import timed_out
from answerable.llm.attempts import opened
from answerable.llm.circuit import Circuit
from answerable.llm.load import Load
from answerable.llm.registered import check_registered, unheard

_NO_CREDENTIALS = frozenset({401, 403})
_BUSY = 429
_NEAR_S = 60.0  # a Retry-After up to here is a wish; a longer one is a failure too
_LONGEST_REST_S = 600.0
_UNTOLD_RESET_S = 1.0
_EXHAUSTED_S = 300.0  # an account without money, where it does not say until when


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Breaker:
    """Asks nobody while the circuit is open, or while the provider wishes to be left alone; it says so at once.

    What is the endpoint's fault opens the circuit: no connection, a time limit, 5xx, a broken or senseless reply,
    429 without a time to come back. A bad request, a refusal, our own giving up, a deadline too short to tell, and
    money that is spent do not. 401 and 403 open it for long, and are raised again until then: nothing fails over
    from a wrong key. A call that is cancelled gives a half-open circuit its place back.

    Every call of a model goes through here, so here is seen to it that its text is a prompt file's.
    """

    llm: LLM
    id: str = ""
    circuit: Circuit = field(default_factory=Circuit)
    load: Load = field(default_factory=Load)
    clock: Callable[[], float] = time.monotonic
    happened: Callable[[Happening], None] = unheard
    _refused: list[PermanentModelError] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of the model behind."""
        return self.llm.name

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """The reply. Raises UnregisteredPrompt or NotAsked without asking, and what the model behind raises."""
        visit = self._enter(rendered, deadline)
        try:
            completion = await self.llm.complete(rendered, deadline=deadline)
            visit.replied(completion)
            return completion
        except BaseException as error:  # whatever it is, it goes up: the circuit must only hear of it
            visit.ended(error)
            raise
        finally:
            visit.leave()

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncGenerator[str | Completion, None]:
        """The reply in pieces. Raises as `complete` does."""
        visit = self._enter(rendered, deadline)
        try:
            async with opened(self.llm.stream(rendered, deadline=deadline)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Completion):
                        visit.replied(piece)
                    elif visit.first_s is None:
                        visit.text()
                    yield piece
        except BaseException as error:  # whatever it is, it goes up: the circuit must only hear of it
            visit.ended(error)
            raise
        finally:
            visit.leave()

    def _enter(self, rendered: Rendered, deadline: Deadline) -> _Visit:
        check_registered(rendered, self.happened)
        deadline.check(f"model {self.name}")
        ticket = self.circuit.enter()
        if ticket is None:
            raise self.closed_error()
        self.load.under_way += 1
        return _Visit(breaker=self, ticket=ticket, since=self.clock())

    def refuse(self, error: PermanentModelError, *, ticket: int) -> None:
        """Leave it alone for long: it does not know who asks."""
        self._refused[:] = [error]
        self.circuit.misconfigured(ticket)

    def closed_error(self) -> ModelError:
        """The error instead of a call that is not let through."""
        wait_s = self.circuit.ready_in_s()
        if self.circuit.state == "misconfigured" and self._refused:
            first = self._refused[-1]
            return PermanentModelError(
                f"{first} (not asked again for {wait_s:.0f} s)",
                hint=first.hint,
                status=first.status,
                reason=first.reason,
            )
        what = "fails" if self.circuit.state != "closed" else "wishes to rest"
        where = f" at {self.id}" if self.id else ""
        return NotAsked(f"{self.name}{where} {what}: left alone for {wait_s:.1f} s", retry_after_s=wait_s)


@dataclass(slots=True, kw_only=True)
class _Visit:
    """One call that was let through."""

    breaker: Breaker
    ticket: int
    since: float
    first_s: float | None = None
    told: bool = False

    def text(self) -> None:
        self.first_s = self.breaker.clock() - self.since

    def replied(self, completion: Completion) -> None:
        breaker = self.breaker
        took_s = self.first_s if self.first_s is not None else breaker.clock() - self.since
        breaker.load.took(took_s)
        self._rate(completion.rate)
        slow_s = breaker.circuit.limits.slow_s
        if slow_s is not None and took_s > slow_s:
            self._tell(breaker.circuit.failed)
        else:
            self._tell(breaker.circuit.succeeded)

    def ended(self, error: BaseException) -> None:
        circuit = self.breaker.circuit
        if isinstance(error, ModelError):
            self._rate(error.rate)
        if isinstance(error, TransientModelError) and not isinstance(error, NotAsked):
            wish_s = error.retry_after_s or (_EXHAUSTED_S if error.exhausted else 0.0)
            circuit.rest(min(wish_s, _LONGEST_REST_S))
        if isinstance(error, PermanentModelError):
            self._permanent(error)
        elif self._faulty(error):
            self.breaker.load.failed()
            self._tell(circuit.failed)

    def leave(self) -> None:
        self.breaker.load.under_way -= 1
        if not self.told:
            self._tell(self.breaker.circuit.left)

    def _permanent(self, error: PermanentModelError) -> None:
        """It has replied, and that is its part; but not where it does not know us."""
        if error.status in _NO_CREDENTIALS or error.reason == "key":
            self.told = True
            self.breaker.refuse(error, ticket=self.ticket)
        else:
            self._tell(self.breaker.circuit.succeeded)

    def _faulty(self, error: BaseException) -> bool:
        if isinstance(error, (NotAsked, BudgetExceeded)):
            return False
        if isinstance(error, TransientModelError):
            wish_s = error.retry_after_s or 0.0
            return not (error.status == _BUSY and 0.0 < wish_s <= _NEAR_S)
        if isinstance(error, DeadlineExceeded) or timed_out(error):
            return self.breaker.clock() - self.since >= self.breaker.circuit.limits.fair_s
        return False

    def _rate(self, rate: RateLimit | None) -> None:
        if rate is not None and rate.used_up:
            reset_s = _UNTOLD_RESET_S if rate.reset_s is None else rate.reset_s
            self.breaker.circuit.rest(min(reset_s, _LONGEST_REST_S))

    def _tell(self, verdict: Callable[[int], None]) -> None:
        if not self.told:
            self.told = True
            verdict(self.ticket)
