"""What rules look at: one reading of an event each, and readings added up by the minute or by the hour."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from answerable.core import degraded
from answerable.core.event import Event

Reading = bool | float | tuple[str, ...]
Read = Callable[[Event], Reading | None]
SUM = "sum"  # of what is added up, in millionths
NAMES_KEPT = 400  # of things by name, the most frequent of a span
_SCALE = 1e6
_STEPS = 40.0  # bins an e-fold: about 2.5 % wide
_INSIDE = 1e-6  # of a bin: its end belongs to it, whatever is rounded
_SEARCH = frozenset({degraded.NO_RERANK, degraded.LEXICAL_ONLY, degraded.DENSE_ONLY})
_UNABLE = frozenset({"no_context", "low_score", "conflict", "verify_failed"})  # refused for want of something
_FAILED = frozenset({"failed", "escalated", "reopened"})
ANSWERS = ("answer.shown", "answer.abstained")
ASKED = "question.asked"


class Kind(StrEnum):
    """What a reading is."""

    COUNTED = "counted"  # bad or not
    MEASURED = "measured"  # a number
    NAMED = "named"  # things by name
    SUMMED = "summed"  # a number that is added up


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """`read` gives None for an event that says nothing of it. `beside`: events that are bad units of others' n."""

    name: str
    kind: Kind
    events: tuple[str, ...]
    read: Read
    beside: frozenset[str] = frozenset()


@dataclass(slots=True, kw_only=True)
class Tally:
    """Readings added up: of `n` units `bad` ones; `bins` as in core/alert.py's Hour."""

    n: int = 0
    bad: int = 0
    bins: Counter[str] = field(default_factory=Counter)

    def add(self, signal: Signal, event: Event) -> None:
        """One event's reading."""
        value = signal.read(event)
        if value is None:
            return
        self.n += event.name not in signal.beside
        if isinstance(value, tuple):
            self.bins.update(set(value))
        elif signal.kind is Kind.COUNTED:
            self.bad += bool(value)
        elif signal.kind is Kind.SUMMED:
            self.bins[SUM] += round(value * _SCALE)
        else:
            self.bins[str(bin_of(value))] += 1

    def kept_bins(self) -> Mapping[str, int]:
        """For an Hour: only the most frequent names."""
        return dict(self.bins.most_common(NAMES_KEPT))


def tallied(signals: Iterable[Signal], events: Iterable[Event], *, span_s: int) -> dict[tuple[str, int], Tally]:
    """By signal and the span's beginning (Unix seconds)."""
    by_event: dict[str, list[Signal]] = {}
    for signal in signals:
        for name in signal.events:
            by_event.setdefault(name, []).append(signal)
    found: dict[tuple[str, int], Tally] = {}
    for event in counted(events):
        at = int(event.at.timestamp()) // span_s * span_s
        for signal in by_event.get(event.name, ()):
            found.setdefault((signal.name, at), Tally()).add(signal, event)
    return found


def counted(events: Iterable[Event]) -> list[Event]:
    """Those with a person behind them: not of a turn that a test, a bot or one of us asked."""
    events = list(events)
    left_out = {_turn(event) for event in events if event.props.get("why_not")}
    return [event for event in events if not event.props.get("why_not") and _turn(event) not in left_out]


def _turn(event: Event) -> str:
    """What all events of one question share."""
    return event.turn or event.trace or str(event.id)


def bin_of(value: float) -> int:
    """The bin of a number of any size; bins are ordered as their numbers are."""
    return math.floor(math.asinh(value * _SCALE) * _STEPS)


def edge_of(n: int) -> float:
    """The upper end of a bin."""
    return math.sinh((n + 1 - _INSIDE) / _STEPS) / _SCALE


def _prop(name: str) -> Read:
    def read(event: Event) -> Reading | None:
        value = event.props.get(name)
        return None if value is None else float(value)

    return read


def _some(name: str) -> Read:
    """Bad where the count is above 0."""

    def read(event: Event) -> Reading | None:
        value = event.props.get(name)
        return None if value is None else float(value) > 0

    return read


def _none(name: str) -> Read:
    """Bad where the count is 0."""

    def read(event: Event) -> Reading | None:
        value = event.props.get(name)
        return None if value is None else float(value) == 0

    return read


def _refused(event: Event) -> Reading | None:
    if event.name == "answer.shown":
        return False
    return True if event.props.get("reason") in _UNABLE else None


def _out_of_time(event: Event) -> Reading | None:
    if event.name == "answer.abstained":
        return event.props.get("reason") == "deadline"
    value = event.props.get("deadline_hit")
    return None if value is None else bool(value)


def _failed(event: Event) -> Reading | None:
    return event.outcome == "failed" or event.props.get("reason") == "error"


def _unsupported(event: Event) -> Reading | None:
    if event.name == "answer.abstained":
        return True if event.props.get("reason") == "verify_failed" else None
    withheld = event.props.get("claims_withheld")
    return None if withheld is None else withheld > 0


def _by_words_alone(event: Event) -> Reading | None:
    return bool(_SEARCH & set(event.degraded))


def _cheaper(event: Event) -> Reading | None:
    return bool(set(event.degraded) - _SEARCH)


def _latency(event: Event) -> Reading | None:
    return None if event.latency_ms is None else float(event.latency_ms)


def _first_text(event: Event) -> Reading | None:
    return None if event.first_text_ms is None else float(event.first_text_ms)


def _cost(event: Event) -> Reading | None:
    return None if event.cost is None else float(event.cost)


def _fallback(event: Event) -> Reading | None:
    return bool(event.props.get("fallback")) if event.props.get("use", "answer") == "answer" else None


def _call_failed(event: Event) -> Reading | None:
    status = event.props.get("status")
    return None if status in (None, "cancelled", "hit") else status != "ok"


def _documents(event: Event) -> Reading | None:
    found = event.props.get("documents")
    return None if found is None else tuple(found)


def _task_failed(event: Event) -> Reading | None:
    state = event.props.get("state")
    return None if state in (None, "unknown") else state in _FAILED


def _down(event: Event) -> Reading | None:
    value, solved = event.props.get("value"), event.props.get("solved")
    if not value and not solved:
        return None
    return value == "down" or solved == "no"


def _not_understood(event: Event) -> Reading | None:
    follow_up = event.props.get("follow_up")
    return None if not follow_up else follow_up in ("rephrase", "pushback")


def _escalated(event: Event) -> Reading | None:
    return event.name != ASKED


def _blocked(event: Event) -> Reading | None:
    if event.name == ASKED:
        return False
    return True if event.props.get("action") == "block" else None


def _canary(event: Event) -> Reading | None:
    passed = event.props.get("passed")
    return None if passed is None else not passed


def _one(event: Event) -> Reading | None:
    return False


C, M = Kind.COUNTED, Kind.MEASURED
_RETRIEVAL, _CALLED = ("retrieval.done",), ("model.called",)
SIGNALS: Mapping[str, Signal] = {
    one.name: one
    for one in (
        Signal(name="refusals", kind=C, events=ANSWERS, read=_refused),
        Signal(name="errors", kind=C, events=ANSWERS, read=_failed),
        Signal(name="withheld", kind=C, events=ANSWERS, read=_unsupported),
        Signal(name="uncited", kind=C, events=("answer.shown",), read=_none("citations")),
        Signal(name="completion", kind=C, events=("task.closed",), read=_task_failed),
        Signal(name="votes", kind=C, events=("feedback.given",), read=_down),
        Signal(name="pushback", kind=C, events=(ASKED,), read=_not_understood),
        Signal(
            name="escalations",
            kind=C,
            events=(ASKED, "escalation.requested"),
            read=_escalated,
            beside=frozenset({"escalation.requested"}),
        ),
        Signal(name="canaries", kind=C, events=("canary.result",), read=_canary),
        Signal(name="latency", kind=M, events=ANSWERS, read=_latency),
        Signal(name="first_text", kind=M, events=ANSWERS, read=_first_text),
        Signal(name="deadlines", kind=C, events=ANSWERS, read=_out_of_time),
        Signal(name="fallbacks", kind=C, events=_CALLED, read=_fallback),
        Signal(name="model_errors", kind=C, events=_CALLED, read=_call_failed),
        Signal(name="search_degraded", kind=C, events=ANSWERS, read=_by_words_alone),
        Signal(name="answers_degraded", kind=C, events=ANSWERS, read=_cheaper),
        Signal(name="retrieval_margin", kind=M, events=_RETRIEVAL, read=_prop("margin")),
        Signal(name="top_score", kind=M, events=_RETRIEVAL, read=_prop("top_score")),
        Signal(name="empty_retrieval", kind=C, events=_RETRIEVAL, read=_none("candidates")),
        Signal(name="cost_per_answer", kind=M, events=ANSWERS, read=_cost),
        Signal(name="conflict_exposure", kind=C, events=("answer.shown",), read=_some("conflicts")),
        Signal(name="stale_sources", kind=C, events=("answer.shown",), read=_some("stale_citations")),
        Signal(name="document_share", kind=Kind.NAMED, events=("answer.shown",), read=_documents),
        Signal(
            name="guard_hits", kind=C, events=(ASKED, "guard.hit"), read=_blocked, beside=frozenset({"guard.hit"})
        ),
        Signal(name="spend", kind=Kind.SUMMED, events=ANSWERS, read=_cost),
        Signal(name="traffic", kind=C, events=(ASKED,), read=_one),
    )
}
