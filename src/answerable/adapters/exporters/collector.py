"""The collector: one HTTP request for one signal, with every way it can fail as one of our errors."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx2

from answerable.adapters.exporters.wire import Signal, refused
from answerable.core.errors import AnswerableError, ConfigError, Unreachable

_AGAIN = frozenset({408, 429, 502, 503, 504})  # by OTLP's specification, and a timeout
_OURS = frozenset({401, 403})  # a person must look at the key, and nothing is lost until then
_MAX_REPLY = 65_536


class Refused(AnswerableError):  # noqa: N818 - reads as what it is
    """The collector does not take this request, today or tomorrow."""

    code = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of a request: how many of it the collector did not take, and why."""

    rejected: int = 0
    why: str = ""


@dataclass(slots=True, kw_only=True)
class Collector:
    """`address` without the signal's path, as OTEL_EXPORTER_OTLP_ENDPOINT has it. To be closed."""

    address: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout_s: float = 5.0
    transport: httpx2.AsyncBaseTransport | None = None
    _client: httpx2.AsyncClient | None = None

    async def send(self, signal: Signal, body: bytes) -> Taken:
        """Raises Unreachable where it may be sent again, ConfigError where a person must look, Refused."""
        try:
            async with asyncio.timeout(self.timeout_s):  # it may answer one byte at a time
                async with self._opened().stream("POST", f"{self._base}/v1/{signal}", content=body) as response:
                    said = await _bounded(response)
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, OSError) as error:
            raise Unreachable(
                f"the collector {self._base} does not answer: {type(error).__name__} {error}",
                hint="start it, or unset telemetry.otlp",
            ) from error
        self._check(signal, response.status_code)
        return _taken(signal, response, said)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    @property
    def _base(self) -> str:
        return self.address.rstrip("/")

    def _opened(self) -> httpx2.AsyncClient:
        if self._client is None:
            self._client = httpx2.AsyncClient(
                timeout=self.timeout_s,
                headers={**self.headers, "content-type": "application/x-protobuf"},
                follow_redirects=False,
                trust_env=False,
                verify=self._base.startswith("https:"),  # reading the certificates takes 0.1 s
                transport=self.transport,
            )
        return self._client

    def _check(self, signal: Signal, status: int) -> None:
        if status in _AGAIN:
            raise Unreachable(f"the collector {self._base} says HTTP {status}", hint="it may be too busy")
        if status in _OURS:
            raise ConfigError(f"the collector {self._base} says HTTP {status}", hint="check telemetry.headers")
        if not 200 <= status < 300:
            hint = f"if it takes no {signal}, leave them out of telemetry.signals"
            raise Refused(f"the collector {self._base} says HTTP {status} to {signal}", hint=hint)


async def _bounded(response: httpx2.Response) -> bytes:
    """So much of the reply as is of use, whoever sends it."""
    said = b""
    async for chunk in response.aiter_bytes():
        said += chunk
        if len(said) > _MAX_REPLY:
            return b""
    return said


def _taken(signal: Signal, response: httpx2.Response, said: bytes) -> Taken:
    """A reply that is not OTLP's is of a collector that took it all and says something of its own."""
    if not response.headers.get("content-type", "").startswith("application/x-protobuf"):
        return Taken()
    rejected, why = refused(signal, said)
    return Taken(rejected=rejected, why=why[:300])
