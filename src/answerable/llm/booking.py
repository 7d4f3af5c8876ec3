"""An LLM whose every call is booked, however it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field

from answerable.core.call import Call, Observer
from answerable.core.completion import Attempt, Completion, Usage
from answerable.core.deadline import Deadline
from answerable.core.errors import (
    AnswerableError,
    BudgetExceeded,
    DeadlineExceeded,
    ModelError,
    PermanentModelError,
)
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.core.rate import RateLimit
from answerable.core.trace import current
from answerable.llm.attempts import opened
from answerable.llm.cache_key import asked_key
from answerable.llm.paying import largest_usage
from answerable.text.tokens import estimated_usage

Costing = Callable[[str, Usage], Usage]  # a model's name and what was used -> the same with its cost

_MAX_ERROR = 300


def _uncosted(model: str, usage: Usage) -> Usage:
    return usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """Makes a Call of every call that was begun, and hands it to the observers: they must neither wait nor raise.

    A stream that is left is booked as `cancelled` with what it used by then, estimated; a whole reply that is
    cancelled with the most that it may have used, since the provider may go on to the end. What never was begun
    (no money, no time left) is not booked. A completion and an error that go up bring the Attempt of this call.
    `costing` prices what was estimated here; the rest comes priced.
    """

    llm: LLM
    model: str  # as asked for
    endpoint: str = ""
    observers: Sequence[Observer] = ()
    costing: Costing = _uncosted
    table: str = ""
    clock: Callable[[], float] = field(default=time.perf_counter)  # seconds

    @property
    def name(self) -> str:
        """The name of the model behind."""
        return self.llm.name

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """The reply. Raises what the model behind raises."""
        deadline.check(f"model {self.name}")
        entry = _Entry(booked=self, rendered=rendered, started=self.clock())
        try:
            completion = await self.llm.complete(rendered, deadline=deadline)
        except (ModelError, DeadlineExceeded) as error:
            entry.failed(error)
            raise
        except asyncio.CancelledError:
            entry.forfeited()
            raise
        return entry.finished(completion)

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncGenerator[str | Completion, None]:
        """The reply in pieces. Raises what the model behind raises."""
        deadline.check(f"model {self.name}")
        entry = _Entry(booked=self, rendered=rendered, started=self.clock())
        try:
            async with opened(self.llm.stream(rendered, deadline=deadline)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Completion):
                        yield entry.finished(piece)
                    else:
                        entry.text(piece)
                        yield piece
        except (ModelError, DeadlineExceeded) as error:
            entry.failed(error)
            raise
        except (asyncio.CancelledError, GeneratorExit):
            entry.cancelled()
            raise


@dataclass(slots=True, kw_only=True)
class _Entry:
    """One call on its way into the books; it is written once."""

    booked: Booked
    rendered: Rendered
    started: float
    first_text: float | None = None
    texts: list[str] = field(default_factory=list)
    written: bool = False

    def text(self, piece: str) -> None:
        if self.first_text is None and piece:
            self.first_text = self.booked.clock()
        self.texts.append(piece)

    def finished(self, completion: Completion) -> Completion:
        attempt = self._write("ok", completion=completion, usage=completion.usage, rate=completion.rate)
        # `replace` would cost more than all the rest of this: a completion is made once more, by hand.
        return Completion(
            text=completion.text,
            model=completion.model,
            provider=completion.provider,
            usage=completion.usage,
            finish=completion.finish,
            fingerprint=completion.fingerprint,
            cache=completion.cache,
            attempts=(attempt,),
            degraded=completion.degraded,
            rate=completion.rate,
        )

    def failed(self, error: AnswerableError) -> None:
        if isinstance(error, BudgetExceeded):
            return
        outcome = "permanent" if isinstance(error, PermanentModelError) else "transient"
        status = error.status if isinstance(error, ModelError) else None
        attempt = self._write(outcome, usage=self._used(error), status=status, error=str(error))
        if isinstance(error, ModelError):
            error.attempts = (attempt,)

    def cancelled(self) -> None:
        if not self.written:  # a stream that is closed after its completion has ended well
            self._write("cancelled", usage=self._estimated())

    def forfeited(self) -> None:
        """Of a whole reply nobody knows how far it came: the most, as its budget pays (llm/paying.py)."""
        self._write("cancelled", usage=self.booked.costing(self.booked.model, largest_usage(self.rendered)))

    def _used(self, error: AnswerableError) -> Usage | None:
        """What a call used that failed: what its adapter says, or what can be told from the text that came."""
        told = error.usage if isinstance(error, ModelError) else None
        if told is not None:
            return told if told.cost is not None else self.booked.costing(self.booked.model, told)
        return self._estimated() if self.texts or isinstance(error, DeadlineExceeded) else None

    def _estimated(self) -> Usage:
        used = estimated_usage(self.rendered, "".join(self.texts))
        return self.booked.costing(self.booked.model, used)

    def _write(
        self,
        outcome: str,
        *,
        usage: Usage | None,
        completion: Completion | None = None,
        status: int | None = None,
        error: str = "",
        rate: RateLimit | None = None,
    ) -> Attempt:
        booked = self.booked
        duration_ms = (booked.clock() - self.started) * 1000.0
        first_ms = None if self.first_text is None else (self.first_text - self.started) * 1000.0
        if not self.written:
            self.written = True
            call = self._call(outcome, completion, usage, status, duration_ms, first_ms, error, rate)
            for observe in booked.observers:
                observe(call)
        return Attempt(
            provider=booked.name,
            model=completion.model if completion else booked.model,
            outcome=outcome,
            started_ms=0.0,
            duration_ms=duration_ms,
            first_text_ms=first_ms,
            status=status,
            error=error[:_MAX_ERROR],
            endpoint=booked.endpoint,
            usage=usage,
        )

    def _call(
        self,
        outcome: str,
        completion: Completion | None,
        usage: Usage | None,
        status: int | None,
        duration_ms: float,
        first_ms: float | None,
        error: str,
        rate: RateLimit | None,
    ) -> Call:
        rendered, trace = self.rendered, current.get()
        return Call(
            use=rendered.use,
            provider=self.booked.name,
            model=self.booked.model,
            outcome=outcome,
            tenant=rendered.scope.tenant if rendered.scope else "",
            principal=rendered.principal,
            key=rendered.key,
            trace_id=trace.id if trace else "",
            endpoint=self.booked.endpoint,
            reported=completion.model if completion else "",
            fingerprint=completion.fingerprint if completion else "",
            question=asked_key(rendered) if rendered.use == "answer" else "",
            prompt_id=rendered.prompt_id,
            prompt_version=rendered.version,
            prompt_sha256=rendered.sha256,
            status=status,
            duration_ms=duration_ms,
            first_text_ms=first_ms,
            usage=usage,
            table=self.booked.table,
            error=error[:_MAX_ERROR],
            rate=rate,
        )
