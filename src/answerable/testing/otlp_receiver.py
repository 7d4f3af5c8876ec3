"""A collector to test with: OTLP over HTTP on loopback, which keeps what it gets, or fails as it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

_REQUESTS: dict[str, Any] = {
    "/v1/traces": ExportTraceServiceRequest,
    "/v1/logs": ExportLogsServiceRequest,
    "/v1/metrics": ExportMetricsServiceRequest,
}


@dataclass(slots=True, kw_only=True)
class Receiver:
    """`status`: what it says from now on; 0: it takes the request and never answers."""

    address: str = ""
    status: int = 200
    reply: bytes = b""
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    _more: asyncio.Condition = field(default_factory=asyncio.Condition)

    def spans(self) -> list[dict[str, Any]]:
        """All that were taken, as plain values; the same id twice is there twice."""
        return [
            {
                "trace_id": one.trace_id.hex(),
                "span_id": one.span_id.hex(),
                "parent_id": one.parent_span_id.hex(),
                "name": one.name,
                "kind": one.kind,
                "ns": one.end_time_unix_nano - one.start_time_unix_nano,
                "error": one.status.message,
                **_plain(one.attributes),
            }
            for whole in self._of("/v1/traces")
            for resource in whole.resource_spans
            for scope in resource.scope_spans
            for one in scope.spans
        ]

    def records(self) -> list[dict[str, Any]]:
        """All log records that were taken."""
        return [
            {
                "event": one.event_name,
                "severity": one.severity_number,
                "body": one.body.string_value,
                "trace_id": one.trace_id.hex(),
                "span_id": one.span_id.hex(),
                **_plain(one.attributes),
            }
            for whole in self._of("/v1/logs")
            for resource in whole.resource_logs
            for scope in resource.scope_logs
            for one in scope.log_records
        ]

    def metrics(self) -> dict[str, Any]:
        """The last that was taken of each metric, as its message."""
        return {
            one.name: one
            for whole in self._of("/v1/metrics")
            for resource in whole.resource_metrics
            for scope in resource.scope_metrics
            for one in scope.metrics
        }

    async def has(self, many: int) -> None:
        """Wait until so many requests were taken."""
        async with self._more:
            await self._more.wait_for(lambda: len(self.requests) >= many)

    def _of(self, path: str) -> Iterator[Any]:
        return (whole for where, _, whole in self.requests if where == path)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")
                path = lines[0].split(" ")[1]
                headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines[1:])}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                await self._answer(path, headers, body, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client is done
        finally:
            writer.close()

    async def _answer(self, path: str, headers: dict[str, str], body: bytes, writer: asyncio.StreamWriter) -> None:
        if not self.status:
            await asyncio.Event().wait()
        if self.status == 200:
            async with self._more:
                self.requests.append((path, headers, _REQUESTS[path].FromString(body)))
                self._more.notify_all()
        writer.write(
            f"HTTP/1.1 {self.status} X\r\ncontent-type: application/x-protobuf\r\n"
            f"content-length: {len(self.reply)}\r\n\r\n".encode()
            + self.reply
        )
        await writer.drain()


@asynccontextmanager
async def receiving(port: int = 0) -> AsyncIterator[Receiver]:
    """On a free port; at the end its connections are cut."""
    receiver = Receiver()
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await receiver.serve(reader, writer)
        except asyncio.CancelledError:
            writer.close()
        finally:
            tasks.discard(task)

    server = await asyncio.start_server(connected, "127.0.0.1", port)
    receiver.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield receiver
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _plain(attributes: Any) -> dict[str, Any]:
    return {one.key: _value(one.value) for one in attributes}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    return getattr(value, kind) if kind else None
