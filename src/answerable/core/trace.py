"""The story of one question: steps with times, kept apart from the code they watch."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from answerable.core.arm import Arm
from answerable.core.call import Call
from answerable.core.traceparent import TraceParent, came_with, next_trace_id


@dataclass(slots=True, kw_only=True)
class Step:
    """One step, in milliseconds since the question. `detail` holds JSON-able facts and is filled while it runs."""

    name: str
    started_ms: float
    duration_ms: float = 0.0
    status: str = "ok"  # ok | error | skipped
    detail: dict[str, Any] = field(default_factory=dict)
    inside: int | None = None  # the number of the step that it is a part of; None: of the whole


@dataclass(slots=True, kw_only=True)
class Trace:
    """Everything about one question. Grows while the question is answered; written after."""

    tenant: str
    key: str = ""  # the id of the credential that asks
    id: str = field(default_factory=next_trace_id)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    clock: float = field(default_factory=time.perf_counter)
    steps: list[Step] = field(default_factory=list)
    degraded: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)  # of models, in the order in which they ended
    arms: list[Arm] = field(default_factory=list)  # of the rollouts that it was in, each once
    embedding: Sequence[float] | None = None  # of the question as it was searched for, of length 1
    committed: Decimal = Decimal(0)  # money spent by its calls, or held for those under way
    parent: TraceParent | None = field(default_factory=came_with.get)  # of the caller's trace; None: there is none

    def elapsed_ms(self) -> float:
        """Milliseconds since the question came in."""
        return (time.perf_counter() - self.clock) * 1000.0

    def skip(self, what: str) -> None:
        """Record that a step took its cheaper form."""
        if what not in self.degraded:
            self.degraded.append(what)

    def enter(self, arm: Arm) -> None:
        """Record the arm of a rollout that the question is in."""
        if arm not in self.arms:
            self.arms.append(arm)

    def timing_ms(self) -> dict[str, float]:
        """Milliseconds by step (summed over repeats) and in total."""
        timing: dict[str, float] = {}
        for one in self.steps:
            timing[one.name] = round(timing.get(one.name, 0.0) + one.duration_ms, 3)
        timing["total"] = round(self.elapsed_ms(), 3)
        return timing


current: ContextVar[Trace | None] = ContextVar("answerable_trace", default=None)
_innermost: ContextVar[tuple[Trace, int] | None] = ContextVar("answerable_step", default=None)


@contextmanager
def step(name: str) -> Iterator[Step]:
    """Time a step of the current trace; fill `detail` inside. Without a trace nothing is kept."""
    trace = current.get()
    started = trace.elapsed_ms() if trace else 0.0
    around = _innermost.get()
    one = Step(name=name, started_ms=started)
    if trace:
        if around is not None and around[0] is trace:
            one.inside = around[1]
        _innermost.set((trace, len(trace.steps)))
        trace.steps.append(one)
    try:
        yield one
    except BaseException as error:
        one.status = "error"
        one.detail.setdefault("error", f"{type(error).__name__}: {error}"[:500])
        raise
    finally:
        if trace:
            one.duration_ms = trace.elapsed_ms() - started
            _innermost.set(around)  # not by a token: what a step is around may end in another context


def note(call: Call) -> None:
    """Keep a call of a model with the current trace."""
    if trace := current.get():
        trace.calls.append(call)


def enter(arm: Arm) -> None:
    """Record on the current trace which arm of a rollout the question is in."""
    if trace := current.get():
        trace.enter(arm)


def embedded(vector: Sequence[float]) -> None:
    """Keep the question's vector with the current trace, for who sorts questions by what they are about."""
    if trace := current.get():
        trace.embedding = vector


def skip(what: str) -> None:
    """Record on the current trace that a step took its cheaper form."""
    if trace := current.get():
        trace.skip(what)
