"""HTTP/1.1 at the level of bytes, so that a reply can also be cut, dripped, garbled or left hanging."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

MAX_BODY_BYTES = 16_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What came in; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection; None when the client has gone. Raises ValueError for what is not HTTP."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
        }
        size = int(headers.get("content-length", "0"))
        if size > MAX_BODY_BYTES:
            raise ValueError("the body is too large")
        body = await reader.readexactly(size)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return Request(method=method, path=target.partition("?")[0], headers=headers, body=body)


class Responder:
    """Writes one response to a connection. `open` says whether another request may follow on it."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._chunked = True
        self.open = True

    async def whole(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        """A complete response with its length."""
        await self.raw(_head(status, {**headers, "content-length": str(len(body))}) + body)

    async def json(
        self, status: int, value: Mapping[str, Any] | Sequence[Any], headers: Mapping[str, str] | None = None
    ) -> None:
        """A complete JSON response."""
        await self.whole(
            status, json.dumps(value).encode(), {"content-type": "application/json", **(headers or {})}
        )

    async def begin(self, *, chunked: bool = True) -> None:
        """Start an event stream. Without chunks it ends where the connection ends, so that a cut looks clean."""
        self._chunked = chunked
        framing = {"transfer-encoding": "chunked"} if chunked else {"connection": "close"}
        self.open = chunked
        await self.raw(_head(200, {"content-type": "text/event-stream", "cache-control": "no-cache", **framing}))

    async def write(self, data: bytes) -> None:
        """A part of the stream that `begin` started."""
        await self.raw(f"{len(data):x}\r\n".encode() + data + b"\r\n" if self._chunked else data)

    async def end(self) -> None:
        """The end of the stream."""
        if self._chunked:
            await self.raw(b"0\r\n\r\n")

    async def raw(self, data: bytes) -> None:
        """Bytes as they are."""
        self._writer.write(data)
        await self._writer.drain()

    def hang_up(self) -> None:
        """Close the connection after what was written, whatever the framing had promised."""
        self.open = False


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
