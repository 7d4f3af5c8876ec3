"""A span and a log record as plain values, before they are a collector's bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | bool | int | float | tuple[str, ...]
Attributes = Mapping[str, Value]
INTERNAL, SERVER, CLIENT = 1, 2, 3  # OTLP's SpanKind
INFO, WARN, ERROR, FATAL = 9, 13, 17, 21  # OTLP's SeverityNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Ids in hex, times in nanoseconds since 1970. `error`: why it failed; empty: it did not."""

    name: str
    trace_id: str
    span_id: str
    start_ns: int
    end_ns: int
    parent_id: str = ""
    kind: int = INTERNAL
    attributes: Attributes = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One log record. `event` names what it is, where it is an event."""

    at_ns: int
    severity: int = INFO
    body: str = ""
    event: str = ""
    trace_id: str = ""
    span_id: str = ""
    attributes: Attributes = field(default_factory=dict)
