"""Our spans, records and samples as OTLP's protobuf messages; the only file that knows the extra `otel`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs, SeverityNumber
from opentelemetry.proto.metrics.v1 import metrics_pb2 as pb
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1 import trace_pb2

from answerable.adapters.exporters import conventions as otel
from answerable.adapters.exporters.signals import Attributes, Record, Span, Value
from answerable.core.figures import Distribution, Figure, Labels, Sample

Signal = Literal["traces", "logs", "metrics"]
_SAMPLED = 1  # of the flags of a span
_LEVELS = {9: "INFO", 13: "WARN", 17: "ERROR", 21: "FATAL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """Who speaks: the attributes of the service, and the version of this package."""

    resource: Attributes
    version: str

    def traces(self, spans: Iterable[Span]) -> bytes:
        """An ExportTraceServiceRequest."""
        scope = trace_pb2.ScopeSpans(
            scope=self._scope(), spans=[_span(one) for one in spans], schema_url=otel.SCHEMA_URL
        )
        whole = trace_pb2.ResourceSpans(resource=self._resource(), scope_spans=[scope])
        return bytes(ExportTraceServiceRequest(resource_spans=[whole]).SerializeToString())

    def logs(self, records: Iterable[Record]) -> bytes:
        """An ExportLogsServiceRequest."""
        scope = ScopeLogs(
            scope=self._scope(), log_records=[_record(one) for one in records], schema_url=otel.SCHEMA_URL
        )
        whole = ResourceLogs(resource=self._resource(), scope_logs=[scope])
        return bytes(ExportLogsServiceRequest(resource_logs=[whole]).SerializeToString())

    def metrics(
        self, figures: Mapping[str, Figure], samples: Iterable[Sample], *, since_ns: int, now_ns: int
    ) -> bytes:
        """An ExportMetricsServiceRequest of cumulative values since `since_ns`."""
        by_name: dict[str, list[Sample]] = {}
        for one in samples:
            by_name.setdefault(one.name, []).append(one)
        found = [
            _metric(figures[name], of_name, since_ns, now_ns)
            for name, of_name in by_name.items()
            if name in figures
        ]
        scope = pb.ScopeMetrics(scope=self._scope(), metrics=found, schema_url=otel.SCHEMA_URL)
        whole = pb.ResourceMetrics(resource=self._resource(), scope_metrics=[scope])
        return bytes(ExportMetricsServiceRequest(resource_metrics=[whole]).SerializeToString())

    def _resource(self) -> Resource:
        return Resource(attributes=_pairs(self.resource))

    def _scope(self) -> InstrumentationScope:
        return InstrumentationScope(name=otel.SCOPE, version=self.version)


def refused(signal: Signal, reply: bytes) -> tuple[int, str]:
    """How many of a request the collector did not take, and why, by its reply (OTLP, "partial success").

    A reply that cannot be read refuses nothing.
    """
    try:
        return _partial(signal, reply)
    except DecodeError:
        return 0, ""


def _partial(signal: Signal, reply: bytes) -> tuple[int, str]:
    if signal == "traces":
        traces = ExportTraceServiceResponse.FromString(reply).partial_success
        return traces.rejected_spans, traces.error_message
    if signal == "logs":
        logs = ExportLogsServiceResponse.FromString(reply).partial_success
        return logs.rejected_log_records, logs.error_message
    metrics = ExportMetricsServiceResponse.FromString(reply).partial_success
    return metrics.rejected_data_points, metrics.error_message


def _value(value: Value) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value) if abs(value) < 2**63 else AnyValue(double_value=float(value))
    if isinstance(value, float):
        return AnyValue(double_value=value)
    if isinstance(value, str):
        return AnyValue(string_value=_text(value))
    return AnyValue(array_value=ArrayValue(values=[AnyValue(string_value=_text(one)) for one in value]))


def _text(text: str) -> str:
    """Without halves of a character, which UTF-8 does not have."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _pairs(attributes: Attributes) -> list[KeyValue]:
    return [KeyValue(key=key, value=_value(one)) for key, one in attributes.items()]


def _span(one: Span) -> trace_pb2.Span:
    failed = (
        trace_pb2.Status(code=trace_pb2.Status.STATUS_CODE_ERROR, message=_text(one.error)) if one.error else None
    )
    return trace_pb2.Span(
        trace_id=bytes.fromhex(one.trace_id),
        span_id=bytes.fromhex(one.span_id),
        parent_span_id=bytes.fromhex(one.parent_id),
        name=_text(one.name),
        kind=trace_pb2.Span.SpanKind.ValueType(one.kind),
        start_time_unix_nano=one.start_ns,
        end_time_unix_nano=one.end_ns,
        attributes=_pairs(one.attributes),
        status=failed,
        flags=_SAMPLED,
    )


def _record(one: Record) -> LogRecord:
    return LogRecord(
        time_unix_nano=one.at_ns,
        observed_time_unix_nano=one.at_ns,
        severity_number=SeverityNumber.ValueType(one.severity),
        severity_text=_LEVELS.get(one.severity, ""),
        body=AnyValue(string_value=_text(one.body)) if one.body else None,
        event_name=one.event,
        attributes=_pairs(one.attributes),
        trace_id=bytes.fromhex(one.trace_id),
        span_id=bytes.fromhex(one.span_id),
        flags=_SAMPLED if one.trace_id else 0,
    )


def _metric(figure: Figure, samples: Sequence[Sample], since_ns: int, now_ns: int) -> pb.Metric:
    unit = _unit(figure.name)
    if figure.kind == "histogram":
        histogram = pb.Histogram(
            data_points=[
                _distribution(figure, one.labels, one.value, since_ns, now_ns)
                for one in samples
                if isinstance(one.value, Distribution)
            ],
            aggregation_temporality=pb.AGGREGATION_TEMPORALITY_CUMULATIVE,
        )
        return pb.Metric(name=figure.name, description=figure.meaning, unit=unit, histogram=histogram)
    points = [_point(figure, one, since_ns, now_ns) for one in samples if not isinstance(one.value, Distribution)]
    if figure.kind == "gauge":
        gauge = pb.Gauge(data_points=points)
        return pb.Metric(name=figure.name, description=figure.meaning, unit=unit, gauge=gauge)
    counted = pb.Sum(
        data_points=points, aggregation_temporality=pb.AGGREGATION_TEMPORALITY_CUMULATIVE, is_monotonic=True
    )
    return pb.Metric(name=figure.name, description=figure.meaning, unit=unit, sum=counted)


def _point(figure: Figure, one: Sample, since_ns: int, now_ns: int) -> pb.NumberDataPoint:
    value = 0.0 if isinstance(one.value, Distribution) else one.value
    return pb.NumberDataPoint(
        attributes=_labels(figure, one.labels),
        start_time_unix_nano=since_ns if figure.kind == "counter" else 0,
        time_unix_nano=now_ns,
        as_double=value,
    )


def _distribution(
    figure: Figure, labels: Labels, value: Distribution, since_ns: int, now_ns: int
) -> pb.HistogramDataPoint:
    return pb.HistogramDataPoint(
        attributes=_labels(figure, labels),
        start_time_unix_nano=since_ns,
        time_unix_nano=now_ns,
        count=sum(value.counts),
        sum=value.total,
        explicit_bounds=value.bounds,
        bucket_counts=value.counts,
    )


def _labels(figure: Figure, labels: Labels) -> list[KeyValue]:
    """Without empty ones: an attribute that does not apply is left out."""
    return _pairs({name: one for name, one in zip(figure.labels, labels, strict=True) if one})


def _unit(name: str) -> str:
    """By the name's end, in UCUM."""
    if name.endswith(("_seconds", ".duration", "time_to_first_chunk")):
        return "s"
    return "{token}" if "tokens" in name else "1"
