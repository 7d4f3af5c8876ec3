"""The conventions' metrics of calls of models, counted beside our own figures under OpenTelemetry's names."""

from __future__ import annotations

from dataclasses import dataclass, field

from answerable.adapters.exporters import conventions as otel
from answerable.adapters.exporters.spans import operation_of
from answerable.core.call import Call
from answerable.core.figures import Distribution, Figure, Labels, Sample

MOST = 200  # combinations of labels a figure; what comes after is `other`
_WHOSE = (otel.OPERATION, otel.PROVIDER, otel.REQUEST_MODEL, otel.RESPONSE_MODEL)


def _histogram(name: str, meaning: str) -> Figure:
    return Figure(
        name=name,
        kind="histogram",
        meaning=meaning,
        labels=(*_WHOSE, otel.ERROR_TYPE),
        buckets=otel.DURATION_BUCKETS,
    )


def _tokens(name: str, meaning: str) -> Figure:
    return Figure(name=name, kind="counter", meaning=meaning, labels=(*_WHOSE, otel.TOKEN_MODALITY))


FIGURES = {
    one.name: one
    for one in (
        _histogram(otel.OPERATION_DURATION, "Time of calls of models, however they ended."),
        _histogram(otel.FIRST_CHUNK_DURATION, "Time to the first text, of streams."),
        _tokens(otel.USED_INPUT, "Tokens of prompts, with those of caches."),
        _tokens(otel.USED_OUTPUT, "Tokens of replies."),
        _tokens(otel.USED_CACHE_READ, "Of the prompts' tokens, those read from the provider's cache."),
        _tokens(otel.USED_CACHE_WRITE, "Of the prompts' tokens, those written to the provider's cache."),
    )
}


@dataclass(slots=True, kw_only=True)
class CallCounts:
    """An observer of calls. Hits of our own caches are no calls, and are left out."""

    most: int = MOST
    _sums: dict[str, dict[Labels, float]] = field(default_factory=dict)
    _times: dict[str, dict[Labels, Distribution]] = field(default_factory=dict)

    def called(self, call: Call) -> None:
        """Count one call; returns at once."""
        if call.outcome == "hit":
            return
        whose = (operation_of(call.use), call.provider, call.model, call.reported)
        failed = "" if call.outcome == "ok" else str(call.status or call.outcome)
        self._took(otel.OPERATION_DURATION, call.duration_ms, (*whose, failed))
        if call.first_text_ms is not None:
            self._took(otel.FIRST_CHUNK_DURATION, call.first_text_ms, (*whose, failed))
        usage = call.usage
        self._add(otel.USED_INPUT, usage.input if usage else 0, (*whose, otel.TEXT))
        self._add(otel.USED_OUTPUT, usage.output if usage else 0, (*whose, otel.TEXT))
        if usage is not None and usage.cached:
            self._add(otel.USED_CACHE_READ, usage.cached, (*whose, otel.TEXT))
        if usage is not None and usage.written:
            self._add(otel.USED_CACHE_WRITE, usage.written, (*whose, otel.TEXT))

    def samples(self) -> list[Sample]:
        """Everything counted."""
        sums = [Sample(name=n, labels=k, value=v) for n, rows in self._sums.items() for k, v in rows.items()]
        return sums + [
            Sample(name=n, labels=k, value=v) for n, rows in self._times.items() for k, v in rows.items()
        ]

    def _add(self, name: str, many: int, labels: Labels) -> None:
        rows = self._sums.setdefault(name, {})
        key = self._key(rows, labels)
        rows[key] = rows.get(key, 0.0) + many

    def _took(self, name: str, ms: float, labels: Labels) -> None:
        rows = self._times.setdefault(name, {})
        key = self._key(rows, labels)
        rows.setdefault(key, Distribution(bounds=otel.DURATION_BUCKETS)).take(ms / 1000.0)

    def _key(self, rows: dict[Labels, float] | dict[Labels, Distribution], labels: Labels) -> Labels:
        return labels if labels in rows or len(rows) < self.most else ("other",) * len(labels)
