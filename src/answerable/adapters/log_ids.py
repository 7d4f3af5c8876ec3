"""Which question a log line belongs to: told by what is under way where it is written."""

from __future__ import annotations

from dataclasses import dataclass

from answerable.core.trace import current
from answerable.core.traceparent import came_with, span_id_of, trace_id_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIds:
    """Hex ids as OpenTelemetry has them, and our own trace's; empty where no request is under way."""

    trace_id: str = ""
    span_id: str = ""
    trace: str = ""


def ids_of_now() -> LogIds:
    """Of the question under way, else of the request."""
    if (trace := current.get()) is not None:
        return LogIds(trace_id=trace_id_of(trace.id, trace.parent), span_id=span_id_of(trace.id), trace=trace.id)
    parent = came_with.get()
    return LogIds(trace_id=parent.trace_id) if parent is not None else LogIds()
