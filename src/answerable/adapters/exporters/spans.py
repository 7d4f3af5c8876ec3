"""The spans of one answer: the whole, its steps, and the calls of models under the step that made them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from answerable.adapters.exporters import content
from answerable.adapters.exporters import conventions as otel
from answerable.adapters.exporters.content import Mask
from answerable.adapters.exporters.signals import CLIENT, INTERNAL, SERVER, Span, Value
from answerable.core.answer import Answer
from answerable.core.call import Call
from answerable.core.completion import Usage
from answerable.core.outcome import Outcome
from answerable.core.prompt import Rendered
from answerable.core.query import Query
from answerable.core.trace import Step, Trace
from answerable.core.traceparent import span_id_of, trace_id_of

_OPERATIONS = {"embed": otel.EMBEDDINGS, "rerank": "rerank"}  # of a use; every other is a chat
_MOST_DOCUMENTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A finished question, with everything that its spans are made of. The lists are the exporter's own."""

    trace: Trace
    query: Query
    answer: Answer
    rendered: Rendered | None
    steps: tuple[Step, ...]
    calls: tuple[Call, ...]


def spans_of(told: Told, *, service: str, mask: Mask | None = None) -> tuple[Span, ...]:
    """Always with the same ids, so that sending twice is sending once. `mask` None: no text of anybody."""
    return tuple(_Spans(told=told, service=service, mask=mask).all())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spans:
    told: Told
    service: str
    mask: Mask | None

    def all(self) -> Iterator[Span]:
        """The root first."""
        trace = self.told.trace
        yield self._root()
        for number, step in enumerate(self.told.steps):
            above = span_id_of(trace.id, "" if step.inside is None else f"step {step.inside}")
            yield self._step(number, step, above)
        for call in self.told.calls:
            yield self._call(call)

    def _root(self) -> Span:
        told, parent = self.told, self.told.trace.parent
        above = parent.span_id if parent is not None else ""
        return self._span(
            f"{otel.WORKFLOW} {self.service}",
            span_id_of(told.trace.id),
            above,
            (0.0, float(told.answer.timing_ms.get("total", 0.0))),
            kind=SERVER if above else INTERNAL,
            attributes=_of_answer(told, self.service) | content.asked(told.query, told.answer, self.mask),
            error="the question failed" if told.answer.outcome is Outcome.FAILED else "",
        )

    def _step(self, number: int, step: Step, above: str) -> Span:
        name = f"{otel.RETRIEVAL} {self.service}" if step.name == "retrieve" else step.name
        attributes = _of_step(step)
        if step.name == "retrieve":
            attributes |= self._retrieved()
        return self._span(
            name,
            span_id_of(self.told.trace.id, f"step {number}"),
            above,
            (step.started_ms, step.started_ms + step.duration_ms),
            kind=CLIENT if step.name == "retrieve" else INTERNAL,
            attributes=attributes,
            error=_error_type(step) if step.status == "error" else "",
        )

    def _retrieved(self) -> dict[str, Value]:
        told = self.told
        documents = [
            {"id": one.chunk.document_id, "chunk": one.chunk.id, "score": round(one.score, 4)}
            for one in told.answer.passages[:_MOST_DOCUMENTS]
        ]
        return {
            otel.OPERATION: otel.RETRIEVAL,
            otel.DATA_SOURCE: self.service,
            otel.RETRIEVAL_DOCUMENTS: json.dumps(documents),
            **content.searched(told.query, self.mask),
        }

    def _call(self, call: Call) -> Span:
        trace = self.told.trace
        ended_ms = (call.at - trace.started_at).total_seconds() * 1000.0
        begun_ms = max(0.0, ended_ms - call.duration_ms)
        step = _around(self.told.steps, begun_ms)
        attributes = _of_call(call)
        if call.use == "answer":
            attributes |= content.sent(self.told.rendered, self.mask)
        return self._span(
            f"{attributes[otel.OPERATION]} {call.model}",
            span_id_of(trace.id, f"call {call.id}"),
            span_id_of(trace.id, "" if step is None else f"step {step}"),
            (begun_ms, begun_ms + call.duration_ms),
            kind=CLIENT,
            attributes=attributes,
            error=str(call.status or call.outcome) if call.outcome in ("transient", "permanent") else "",
        )

    def _span(
        self,
        name: str,
        span_id: str,
        parent_id: str,
        from_to_ms: tuple[float, float],
        *,
        kind: int,
        attributes: Mapping[str, Value],
        error: str,
    ) -> Span:
        trace = self.told.trace
        begun_ns = int(trace.started_at.timestamp() * 1e9)
        start_ns, end_ns = (begun_ns + int(max(0.0, ms) * 1e6) for ms in from_to_ms)
        return Span(
            name=name,
            trace_id=trace_id_of(trace.id, trace.parent),
            span_id=span_id,
            parent_id=parent_id,
            kind=kind,
            start_ns=start_ns,
            end_ns=max(start_ns, end_ns),
            attributes={**attributes, otel.ERROR_TYPE: error} if error else attributes,
            error=error,
        )


def _around(steps: Sequence[Step], at_ms: float) -> int | None:
    """The innermost step that was under way; None where none was."""
    within = [
        number for number, one in enumerate(steps) if one.started_ms <= at_ms <= one.started_ms + one.duration_ms
    ]
    return max(within, key=lambda number: (_depth(steps, number), number), default=None)


def _depth(steps: Sequence[Step], number: int) -> int:
    above, depth = steps[number].inside, 0
    while above is not None:
        above, depth = steps[above].inside, depth + 1
    return depth


def _of_answer(told: Told, service: str) -> dict[str, Value]:
    answer, trace = told.answer, told.trace
    prompt = answer.prompt or ("", "", "")
    first_ms = answer.timing_ms.get("first_text")
    return _known(
        {
            otel.OPERATION: otel.WORKFLOW,
            otel.WORKFLOW_NAME: service,
            otel.CONVERSATION: answer.conversation or "",
            otel.TRACE: trace.id,
            otel.ANSWER: answer.id,
            otel.TENANT: trace.tenant,
            otel.OUTCOME: answer.outcome.value,
            otel.LANGUAGE: answer.language,
            otel.CONFIDENCE: answer.confidence.level,
            otel.DEGRADED: tuple(answer.degraded),
            otel.CACHE: answer.cache or "none",
            otel.INDEX: answer.index,
            otel.ROLLOUT: answer.arm,
            otel.PROMPT_NAME: prompt[0],
            otel.PROMPT_VERSION: prompt[1],
            otel.PROMPT_SHA256: prompt[2],
            otel.CLAIMS: len(answer.claims),
            otel.WITHHELD: len(answer.withheld),
            otel.CITATIONS: len(answer.citations),
            otel.FIRST_TEXT: None if first_ms is None else first_ms / 1000.0,
            **_money(answer.usage, otel.ANSWER_COST, otel.ANSWER_CURRENCY),
        }
    )


def _of_call(call: Call) -> dict[str, Value]:
    first_ms = call.first_text_ms
    return _known(
        {
            otel.OPERATION: operation_of(call.use),
            otel.PROVIDER: call.provider,
            otel.REQUEST_MODEL: call.model,
            otel.RESPONSE_MODEL: call.reported,
            otel.REQUEST_STREAM: None if first_ms is None else True,
            otel.FIRST_CHUNK: None if first_ms is None else first_ms / 1000.0,
            otel.PROMPT_NAME: call.prompt_id,
            otel.PROMPT_VERSION: call.prompt_version,
            otel.PROMPT_SHA256: call.prompt_sha256,
            otel.HTTP_STATUS: call.status,
            otel.USE: call.use,
            otel.CALL_OUTCOME: call.outcome,
            otel.ENDPOINT: call.endpoint,
            otel.FINGERPRINT: call.fingerprint,
            **(_used(call.usage) if call.usage is not None and call.outcome != "hit" else {}),
        }
    )


def operation_of(use: str) -> str:
    """What the conventions call a call for this use; they have no name for reranking."""
    return _OPERATIONS.get(use, otel.CHAT)


def _used(usage: Usage) -> dict[str, Value | None]:
    return {
        otel.INPUT_TOKENS: usage.input,
        otel.OUTPUT_TOKENS: usage.output,
        otel.CACHE_READ_TOKENS: usage.cached or None,
        otel.CACHE_WRITE_TOKENS: usage.written or None,
        **_money(usage, otel.COST, otel.CURRENCY),
    }


def _money(usage: Usage, cost: str, currency: str) -> dict[str, Value | None]:
    return {
        cost: None if usage.cost is None else float(usage.cost),
        currency: "" if usage.cost is None else usage.currency,
    }


def _of_step(step: Step) -> dict[str, Value]:
    """Figures alone: the rest of a step's detail may be the documents' or a person's words."""
    found: dict[str, Value] = {}
    for key, name in otel.FIGURES_OF_STEPS.items():
        value = step.detail.get(key)
        if isinstance(value, bool | int | float):
            found[name] = value
        elif isinstance(value, list | tuple):
            found[name] = len(value)
    rules = tuple(_rules(step.detail.get("verdicts")))
    return found | ({otel.FIGURES_OF_STEPS["rules"]: rules} if rules else {})


def _rules(verdicts: Any) -> Iterable[str]:
    """Which rules of guards had something to say: names from our own files."""
    if isinstance(verdicts, list | tuple):
        for one in verdicts:
            if isinstance(one, Mapping):
                yield f"{one.get('name', '')}/{one.get('rule', '')}={one.get('action', '')}"


def _error_type(step: Step) -> str:
    """The kind of error, without its message, which may hold what somebody wrote."""
    said = str(step.detail.get("code") or step.detail.get("error") or "error")
    return said.partition(":")[0][:100]


def _known(values: Mapping[str, Value | None]) -> dict[str, Value]:
    """Without what does not apply."""
    return {key: value for key, value in values.items() if value not in (None, "", ())}
