"""A web site that misbehaves in every way a fetcher must stand, on loopback, and a network that leads there.

`RoutedNetwork` takes the place of a fetcher's network: whatever address is asked for, the local site answers, and
the address is written down. So a test sees where a fetcher would have connected without anything leaving.
"""

from __future__ import annotations

import asyncio
import gzip
import ipaddress
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote

import httpx2

PUBLIC = "93.184.215.14"  # where every name is that a test says nothing of
_PIECE = b"<p>" + b"x" * 65_000
_PAGE = b"<html><head><title>Returns</title></head><body><h1>Returns</h1><p>Within 30 days.</p></body></html>"


@dataclass(slots=True, kw_only=True)
class RoutedNetwork(httpx2.AsyncBaseTransport):
    """Every connection goes to the local site; `connected` has (address, port, Host header) of each."""

    port: int
    connected: list[tuple[str, int, str]] = field(default_factory=list)
    down: frozenset[str] = frozenset()  # addresses where nobody listens
    _real: httpx2.AsyncHTTPTransport = field(init=False)

    def __post_init__(self) -> None:
        self._real = httpx2.AsyncHTTPTransport(trust_env=False, verify=False)

    @property
    def inside(self) -> list[str]:
        """Addresses that were connected to and are not on the public Internet; names count as such."""
        return [address for address, _, _ in self.connected if not _is_global(address)]

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """To the site, whatever the address."""
        url = request.url
        address = url.host.strip("[]")
        self.connected.append((address, url.port or 80, request.headers["host"]))
        if address in self.down:
            raise httpx2.ConnectError("nobody listens")
        request.url = url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        return await self._real.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._real.aclose()


@dataclass(slots=True)
class Names:
    """A resolver: the answers of a name one after the other, the last one again and again."""

    known: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """What is known of a name; PUBLIC for any other."""
        answers = self.known.get(host, ((PUBLIC,),))
        answer = answers[min(self.asked.count(host), len(answers) - 1)]
        self.asked.append(host)
        return answer


@asynccontextmanager
async def hostile_site() -> AsyncIterator[int]:
    """Its port. See `_WAYS` for its paths."""
    server = await asyncio.start_server(_serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        first = (await reader.readline()).decode("latin-1").split(" ")
        headers: dict[str, str] = {}
        while (line := (await reader.readline()).decode("latin-1").strip()) != "":
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        path, _, query = first[1].partition("?")
        way = path.strip("/").split("/")[0]
        await _WAYS.get(way, _page)(writer, query or path, headers)
    except (ConnectionError, IndexError):
        pass
    finally:
        writer.close()


async def _send(writer: asyncio.StreamWriter, head: str, body: bytes = b"") -> None:
    writer.write(f"HTTP/1.1 {head}\r\nConnection: close\r\n\r\n".encode() + body)
    await writer.drain()


async def _page(writer: asyncio.StreamWriter, query: str, headers: Mapping[str, str]) -> None:
    await _send(writer, f"200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(_PAGE)}", _PAGE)


async def _redirect(writer: asyncio.StreamWriter, query: str, headers: Mapping[str, str]) -> None:
    """/redirect?STATUS,TARGET, the target percent-encoded."""
    status, _, target = query.partition(",")
    await _send(writer, f"{status} Away\r\nLocation: {unquote(target)}\r\nContent-Length: 0")


async def _hop(writer: asyncio.StreamWriter, path: str, headers: Mapping[str, str]) -> None:
    """/hop/N redirects N times."""
    left = int(path.rpartition("/")[2])
    target = f"/hop/{left - 1}" if left > 1 else "/page"
    await _send(writer, f"302 Away\r\nLocation: {target}\r\nContent-Length: 0")


async def _loop(writer: asyncio.StreamWriter, query: str, headers: Mapping[str, str]) -> None:
    await _send(writer, "302 Away\r\nLocation: /loop\r\nContent-Length: 0")


async def _meta(writer: asyncio.StreamWriter, query: str, headers: Mapping[str, str]) -> None:
    body = b'<html><head><meta http-equiv="refresh" content="0; url=http://127.0.0.1/"></head><body>Away.</body>'
    await _send(writer, f"200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}", body)


async def _big(writer: asyncio.StreamWriter, query: str, headers: Mapping[str, str]) -> None:
    """A gigabyte, announced."""
    await _send(writer, f"200 OK\r\nContent-Type: text/html\r\nContent-Length: {1 << 30}")
    while True:
        writer.write(_PIECE)
        await writer.drain()


async def _endless(writer: asyncio.StreamWriter, query: str, headers: Mapping[str, str]) -> None:
    """Chunks without an end, unannounced."""
    await _send(writer, "200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked")
    while True:
        writer.write(f"{len(_PIECE):x}\r\n".encode() + _PIECE + b"\r\n")
        await writer.drain()


async def _bomb(writer: asyncio.StreamWriter, query: str, headers: Mapping[str, str]) -> None:
    """30 MB of blanks in 30 kB of gzip."""
    body = gzip.compress(b" " * 30_000_000, 6)
    head = f"200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}"
    await _send(writer, head, body)


async def _odd_coding(writer: asyncio.StreamWriter, query: str, headers: Mapping[str, str]) -> None:
    head = "200 OK\r\nContent-Type: text/html\r\nContent-Encoding: br, gzip, gzip\r\nContent-Length: 3"
    await _send(writer, head, b"abc")


async def _slow(writer: asyncio.StreamWriter, query: str, headers: Mapping[str, str]) -> None:
    """A byte now and then, for ever."""
    await _send(writer, "200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def _slow_head(writer: asyncio.StreamWriter, query: str, headers: Mapping[str, str]) -> None:
    """A header that never ends, a byte now and then."""
    writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def _headers(writer: asyncio.StreamWriter, query: str, headers: Mapping[str, str]) -> None:
    """A megabyte of headers."""
    await _send(writer, "200 OK\r\nContent-Type: text/html\r\nX-Long: " + "x" * 1_000_000)


async def _lies(writer: asyncio.StreamWriter, query: str, headers: Mapping[str, str]) -> None:
    """A program that says it is a page."""
    body = b"\x7fELF" + b"\0" * 200
    await _send(writer, f"200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}", body)


async def _picture(writer: asyncio.StreamWriter, query: str, headers: Mapping[str, str]) -> None:
    await _send(writer, "200 OK\r\nContent-Type: image/png\r\nContent-Length: 4", b"\x89PNG")


async def _no_http(writer: asyncio.StreamWriter, query: str, headers: Mapping[str, str]) -> None:
    writer.write(b"220 mail.example.com ESMTP\r\n")
    await writer.drain()


async def _cookie(writer: asyncio.StreamWriter, query: str, headers: Mapping[str, str]) -> None:
    """Sets a cookie, and says on the page what it was sent."""
    body = repr(dict(headers)).encode()
    head = f"200 OK\r\nContent-Type: text/html\r\nSet-Cookie: a=b\r\nContent-Length: {len(body)}"
    await _send(writer, head, body)


_WAYS = {
    "page": _page,
    "redirect": _redirect,
    "hop": _hop,
    "loop": _loop,
    "meta": _meta,
    "big": _big,
    "endless": _endless,
    "bomb": _bomb,
    "odd-coding": _odd_coding,
    "slow": _slow,
    "slow-head": _slow_head,
    "headers": _headers,
    "lies": _lies,
    "picture": _picture,
    "no-http": _no_http,
    "cookie": _cookie,
}


def _is_global(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False
