"""Which trace of a caller's a question belongs to, and by which ids ours is known outside (W3C Trace Context)."""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass, field

from answerable.core.identity import random_id, sha256_hex

_HEADER = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_NO_TRACE, _NO_SPAN = "0" * 32, "0" * 16


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceParent:
    """`trace_id`: 32 hex digits; `span_id`: 16, or empty where nobody above us has a span."""

    trace_id: str
    span_id: str = ""
    sampled: bool = True  # a caller that keeps no trace of this request says so
    _ours: list[str] = field(default_factory=list, repr=False, compare=False)

    def claim(self) -> str:
        """The id of ours that `trace_id` was made of, for the first who asks; empty for all after, and where it
        was a caller's."""
        return self._ours.pop() if self._ours else ""


came_with: ContextVar[TraceParent | None] = ContextVar("answerable_traceparent", default=None)


def read_traceparent(header: str) -> TraceParent | None:
    """Of the header's text; None where it is not well formed (W3C Trace Context, section 3.2)."""
    match = _HEADER.fullmatch(header)
    if match is None:
        return None
    version, trace_id, span_id, flags, rest = match.groups()
    if version == "ff" or trace_id == _NO_TRACE or span_id == _NO_SPAN or (version == "00" and rest):
        return None
    return TraceParent(trace_id=trace_id, span_id=span_id, sampled=bool(int(flags, 16) & 1))


def received(header: str) -> TraceParent:
    """The caller's, or a new one, which can be told from the id of the first trace that is begun under it."""
    if (found := read_traceparent(header)) is not None:
        return found
    ours = random_id("tr")
    return TraceParent(trace_id=trace_id_of(ours, None), _ours=[ours])


def next_trace_id() -> str:
    """For a trace of ours that begins now."""
    parent = came_with.get()
    return (parent.claim() if parent is not None else "") or random_id("tr")


def trace_id_of(trace: str, parent: TraceParent | None) -> str:
    """32 hex digits: the caller's, else always the same for our trace."""
    return parent.trace_id if parent is not None else sha256_hex(f"trace {trace}")[:32]


def span_id_of(trace: str, part: str = "") -> str:
    """16 hex digits, always the same for a part of our trace; `part` is empty for the whole: its root."""
    return sha256_hex(f"span {trace} {part}")[:16]
