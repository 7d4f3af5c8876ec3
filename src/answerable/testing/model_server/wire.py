"""HTTP/1.1 at the level of bytes, so that a reply can also be cut, dripped, garbled or left hanging."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

MAX_BODY_BYTES = 16_000_000
_PHRASES = {int(one): one.phrase for one in HTTPStatus}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What came in; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


def take_request(buffer: bytearray) -> Request | None:
    """The first whole request, taken out of the buffer; None until it is there. Raises ValueError for no HTTP."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    first, *lines = buffer[:end].decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    size = int(headers.get("content-length", "0"))
    if not 0 <= size <= MAX_BODY_BYTES:
        raise ValueError("the body is too large")
    if len(buffer) < end + 4 + size:
        return None
    body = bytes(buffer[end + 4 : end + 4 + size])
    del buffer[: end + 4 + size]
    return Request(method=method, path=target.partition("?")[0], headers=headers, body=body)


Answering = Callable[[Request, "Responder"], Awaitable[None]]


class Connection(asyncio.Protocol):
    """One client. Its requests are answered one after the other; when it leaves, the work for it is cancelled."""

    def __init__(self, answer: Answering, open_ones: set[Connection]) -> None:
        self._answer = answer
        self._open_ones = open_ones
        self._buffer = bytearray()
        self._task: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        self._room.set()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio's word that somebody is there."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._open_ones.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Asyncio's word that nobody is there any more."""
        self._open_ones.discard(self)
        self._room.set()
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        """Bytes of a request; what comes while one is being answered waits."""
        self._buffer += data
        if self._task is None:
            self._next()

    def pause_writing(self) -> None:
        """The client reads too slowly."""
        self._room.clear()

    def resume_writing(self) -> None:
        """It has caught up."""
        self._room.set()

    async def send(self, data: bytes) -> None:
        """Bytes as they are. Raises ConnectionResetError when the client has gone."""
        if self.transport is None or self.transport.is_closing():
            raise ConnectionResetError("the client left")
        self.transport.write(data)
        if not self._room.is_set():
            await self._room.wait()

    def abort(self) -> None:
        """End it at once, whatever is still to be sent."""
        if self.transport is not None:
            self.transport.abort()

    def _next(self) -> None:
        assert self.transport is not None
        try:
            request = take_request(self._buffer)
        except ValueError:
            self.transport.close()  # it speaks no HTTP: nobody to tell
            return
        if request is not None:
            self._task = asyncio.get_running_loop().create_task(self._serve(request))

    async def _serve(self, request: Request) -> None:
        assert self.transport is not None
        responder = Responder(self)
        try:
            await self._answer(request, responder)
        except ConnectionError:
            responder.hang_up()
        except BaseException:
            self.transport.close()
            raise
        self._task = None
        if responder.open and not self.transport.is_closing():
            self._next()
        else:
            self.transport.close()


class Responder:
    """Writes one response to a connection. `open` says whether another request may follow on it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
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

    async def begin(self, *, chunked: bool = True, headers: Mapping[str, str] | None = None) -> None:
        """Start an event stream. Without chunks it ends where the connection ends, so that a cut looks clean."""
        self._chunked = chunked
        framing = {"transfer-encoding": "chunked"} if chunked else {"connection": "close"}
        self.open = chunked
        fixed = {"content-type": "text/event-stream", "cache-control": "no-cache", **framing}
        await self.raw(_head(200, {**fixed, **(headers or {})}))

    async def write(self, *parts: bytes) -> None:
        """Parts of the stream that `begin` started, each in a chunk of its own, sent together."""
        if data := b"".join(map(_chunk, parts) if self._chunked else parts):
            await self.raw(data)

    async def end(self, *last: bytes) -> None:
        """The end of the stream, after its last parts."""
        await self.write(*last)
        if self._chunked:
            await self.raw(b"0\r\n\r\n")

    async def raw(self, data: bytes) -> None:
        """Bytes as they are."""
        await self._connection.send(data)

    def hang_up(self) -> None:
        """Close the connection after what was written, whatever the framing had promised."""
        self.open = False

    def drop(self) -> None:
        """End the connection at once, as a machine that dies."""
        self.open = False
        self._connection.abort()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
