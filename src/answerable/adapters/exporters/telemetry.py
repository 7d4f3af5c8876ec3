"""Telemetry: hears of answers, calls, judgments and log lines, and has a sender bring them to a collector."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from answerable.adapters.exporters.calls import FIGURES as OF_CALLS
from answerable.adapters.exporters.calls import CallCounts
from answerable.adapters.exporters.content import Mask
from answerable.adapters.exporters.judgments import record_of
from answerable.adapters.exporters.outbox import Request
from answerable.adapters.exporters.sender import Sender
from answerable.adapters.exporters.signals import Record, Span
from answerable.adapters.exporters.spans import Told, spans_of
from answerable.adapters.exporters.wire import Wire
from answerable.core.answer import Answer
from answerable.core.call import Call
from answerable.core.event import Event
from answerable.core.figures import NAMED, Figure, Sample
from answerable.core.outcome import Outcome
from answerable.core.prompt import Rendered
from answerable.core.query import Query
from answerable.core.trace import Trace
from answerable.core.traceparent import trace_id_of

REMEMBERED = 10_000  # answers whose caller's trace is known for judgments that come later
_FIGURES: Mapping[str, Figure] = {**NAMED, **OF_CALLS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """Makes requests of what was told. `mask` None: no text of anybody goes along."""

    wire: Wire
    service: str
    mask: Mask | None = None

    def pack(self, told: Sequence[object]) -> Sequence[Request]:
        """One request for all spans, and one for all records."""
        spans: list[Span] = []
        records: list[Record] = []
        for one in told:
            if isinstance(one, Told):
                spans += spans_of(one, service=self.service, mask=self.mask)
            elif isinstance(one, Record):
                records.append(one)
        found = []
        if spans:
            found.append(Request(signal="traces", many=len(spans), body=self.wire.traces(spans)))
        if records:
            found.append(Request(signal="logs", many=len(records), body=self.wire.logs(records)))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """Nothing in it waits, but `push`. `sample`: the share of questions whose trace is sent."""

    sender: Sender
    packing: Packing
    sample: float = 1.0
    signals: frozenset[str] = frozenset({"traces", "metrics", "logs"})
    calls: CallCounts = field(default_factory=CallCounts)
    clock_ns: Callable[[], int] = time.time_ns
    since_ns: int = field(default_factory=time.time_ns)
    under: dict[str, str] = field(default_factory=dict)  # our trace → the caller's, of the last answers

    def answered(self, trace: Trace, query: Query, answer: Answer, rendered: Rendered | None) -> None:
        """For the journal."""
        if "traces" not in self.signals or not sampled(trace, answer, self.sample):
            return
        told = Told(
            trace=trace,
            query=query,
            answer=answer,
            rendered=rendered,
            steps=tuple(trace.steps),
            calls=tuple(trace.calls),
        )
        self._remember(trace)
        self.sender.tell("traces", told)

    def called(self, call: Call) -> None:
        """For the gateway's observers."""
        self.calls.called(call)

    def happened(self, event: Event) -> None:
        """For the product's log: what judges and reviewers said goes out as an event of OpenTelemetry."""
        for record in record_of(event, trace_id=self.under.get(event.trace, "")):
            self.logged(record)

    def logged(self, record: Record) -> None:
        """For the process's log."""
        if "logs" in self.signals:
            self.sender.tell("logs", record)

    def _remember(self, trace: Trace) -> None:
        """Who judges an answer knows our trace alone; which of a caller's it was in can only be remembered."""
        if trace.parent is not None and trace.parent.span_id:
            if len(self.under) >= REMEMBERED:
                del self.under[next(iter(self.under))]
            self.under[trace.id] = trace.parent.trace_id

    def samples(self) -> list[Sample]:
        """How the sending goes."""
        return self.sender.tally.samples()

    async def push(self, samples: Iterable[Sample]) -> None:
        """Send the figures as they stand, with those of calls by the conventions' names."""
        given = [*samples, *self.calls.samples()]
        body = self.packing.wire.metrics(_FIGURES, given, since_ns=self.since_ns, now_ns=self.clock_ns())
        await self.sender.send_now(Request(signal="metrics", many=len(given), body=body))


def sampled(trace: Trace, answer: Answer, share: float) -> bool:
    """What failed always; else not where the caller keeps none, and by the trace's id, as other services decide.

    By the last 56 bits, which W3C Trace Context Level 2, section 4, has be random.
    """
    if answer.outcome is Outcome.FAILED:
        return True
    if trace.parent is not None and not trace.parent.sampled:
        return False
    return int(trace_id_of(trace.id, trace.parent)[-14:], 16) < share * 2**56
