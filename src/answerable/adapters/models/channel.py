"""HTTP to one provider: pooled connections, bounded bodies, no redirects, every failure one of our errors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from importlib.metadata import version
from typing import Any

import httpx2

from answerable.adapters.models.failure import status_error
from answerable.adapters.models.provider import Provider
from answerable.adapters.models.rates import rate_limit
from answerable.adapters.models.sse import SSEParser
from answerable.core.errors import TransientModelError
from answerable.core.rate import RateLimit

Heard = Callable[[RateLimit | None], None]

_MAX_ERROR_BYTES = 16_384
_KEEP_ALIVE_S = 60.0  # a new TLS connection costs more than an answer can spare
_DRAIN_S = 0.05


def _unheard(rate: RateLimit | None) -> None:
    return None


class Channel:
    """Time limits beyond the connection's are the caller's. Raises TransientModelError and PermanentModelError."""

    def __init__(self, provider: Provider, *, headers: Mapping[str, str]) -> None:
        self._provider = provider
        url = provider.url
        self._urls: dict[str, httpx2.URL] = {}
        self._client = httpx2.AsyncClient(
            base_url=url,
            headers={
                **headers,
                "user-agent": f"answerable/{version('answerable')}",
                "accept-encoding": "identity",
            },
            timeout=httpx2.Timeout(None, connect=provider.times.connect_s),
            limits=httpx2.Limits(
                max_connections=None,
                max_keepalive_connections=provider.max_concurrency,  # fewer would close some after every peak
                keepalive_expiry=_KEEP_ALIVE_S,
            ),
            follow_redirects=False,
            trust_env=provider.trust_env,
            verify=url.startswith("https:"),  # reading the certificates takes 0.1 s: only where there is TLS
        )

    async def post(self, path: str, body: Mapping[str, Any], heard: Heard = _unheard) -> bytes:
        """The whole body of a successful reply; `heard` is given what its headers say of rate limits."""
        async with self._replying(path, body) as response:
            heard(rate_limit(response.headers))
            return b"".join([chunk async for chunk in self._bounded(response)])

    async def events(
        self, path: str, body: Mapping[str, Any], heard: Heard = _unheard
    ) -> AsyncGenerator[str, None]:
        """The data of the events of a successful reply as they come. JSON instead of a stream is one event."""
        async with self._replying(path, body) as response:
            heard(rate_limit(response.headers))
            if response.headers.get("content-type", "").startswith("application/json"):
                whole = b"".join([chunk async for chunk in self._bounded(response)])
                yield whole.decode("utf-8", "replace")
                return
            parser = SSEParser()
            async for chunk in self._bounded(response):
                for event in parser.feed(chunk):
                    yield event

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    def _url(self, path: str) -> httpx2.URL:
        """Read once: that costs a tenth of a call."""
        if path not in self._urls:
            self._urls[path] = httpx2.URL(f"{self._provider.url}{path}")
        return self._urls[path]

    @asynccontextmanager
    async def _replying(self, path: str, body: Mapping[str, Any]) -> AsyncIterator[httpx2.Response]:
        name = self._provider.name
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = {"content-type": "application/json"}
        try:
            async with self._client.stream("POST", self._url(path), content=content, headers=headers) as response:
                if response.status_code != httpx2.codes.OK:
                    beginning = await _beginning(response)
                    error = status_error(
                        name, response.status_code, response.headers, beginning, key=self._provider.api_key
                    )
                    error.rate = rate_limit(response.headers)
                    raise error
                yield response
        except httpx2.TimeoutException as exc:
            limit = self._provider.times.connect_s
            raise TransientModelError(f"{name} took no connection within {limit:g} s", hint="is it up?") from exc
        except httpx2.ConnectError as exc:
            raise TransientModelError(f"{name} takes no connections", hint="check base_url; is it up?") from exc
        except httpx2.HTTPError as exc:
            raise TransientModelError(f"{name} broke off its reply ({type(exc).__name__})") from exc

    async def _bounded(self, response: httpx2.Response) -> AsyncIterator[bytes]:
        size = 0
        plain = "content-encoding" not in response.headers  # as asked for: nothing is to be unpacked
        async for chunk in response.aiter_raw() if plain else response.aiter_bytes():
            size += len(chunk)
            if size > self._provider.max_response_bytes:
                raise TransientModelError(
                    f"{self._provider.name} sent more than {self._provider.max_response_bytes} bytes"
                )
            yield chunk


async def _beginning(response: httpx2.Response) -> bytes:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) >= _MAX_ERROR_BYTES:
            break
    return body[:_MAX_ERROR_BYTES]


async def drain(events: AsyncGenerator[str, None]) -> None:
    """Read to the end of a stream that has said all, so that its connection can be used again; never for long."""
    try:
        async with asyncio.timeout(_DRAIN_S), aclosing(events):
            async for _ in events:
                pass
    except (TimeoutError, TransientModelError):
        return  # everything is here already; only the connection is lost
