"""What judges and reviewers said of an answer, as the conventions' event: one record for each criterion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from answerable.adapters.exporters import conventions as otel
from answerable.adapters.exporters.signals import Record, Value
from answerable.core.event import Event
from answerable.core.traceparent import span_id_of, trace_id_of

_SCORES = {"yes": 1.0, "no": 0.0}


def record_of(event: Event, *, trace_id: str = "") -> Iterator[Record]:
    """Nothing of any other event. The records are on the answer's own span; `trace_id`: of the caller's trace that
    it is in."""
    if event.name == "judge.scored":
        props = event.props
        version = str(props.get("judge_version", ""))
        score = props.get("score")
        value = float(score) if isinstance(score, int | float) else None
        yield _record(
            event, str(props.get("criterion", "")), str(props.get("verdict", "")), value, "llm", version, trace_id
        )
    if event.name == "review.completed":
        criteria = event.props.get("criteria")
        for name, said in criteria.items() if isinstance(criteria, Mapping) else ():
            yield _record(event, str(name), str(said), None, "human", "", trace_id)
        if verdict := event.props.get("verdict"):
            yield _record(event, "verdict", str(verdict), None, "human", "", trace_id)


def _record(
    event: Event, name: str, label: str, score: float | None, source: str, version: str, trace_id: str
) -> Record:
    value = _SCORES.get(label) if score is None else score
    given: dict[str, Value | None] = {
        otel.EVALUATION_NAME: name,
        otel.EVALUATION_LABEL: label,
        otel.EVALUATION_SCORE: value,
        otel.EVALUATOR: source,
        otel.EVALUATOR_VERSION: version,
        otel.SEVERITY: str(event.props.get("severity", "")),
        otel.STRATUM: str(event.props.get("stratum", "")),
        otel.ANSWER: event.answer,
        otel.TRACE: event.trace,
        otel.TENANT: event.tenant,
    }
    return Record(
        at_ns=int(event.at.timestamp() * 1e9),
        event=otel.EVALUATION_RESULT,
        trace_id=trace_id or (trace_id_of(event.trace, None) if event.trace else ""),
        span_id=span_id_of(event.trace) if event.trace else "",
        attributes={key: one for key, one in given.items() if one not in (None, "")},
    )
