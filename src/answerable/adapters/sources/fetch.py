"""The one fetcher: nothing else in the package brings in what a configuration or a document names by URL.

It connects to the very address it has checked, for every step of a redirect anew; it keeps no cookies, sends no
credentials, asks no proxy, and gives up at limits of size, time and type.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version

import httpx2

from answerable.adapters.sources.reachable import Network, may_be_reached
from answerable.adapters.sources.web_url import PORTS, WebUrl, parse_url, refused
from answerable.core.errors import ParseError, Unreachable

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
ANY_HOST = ("*",)
USER_AGENT = f"answerable/{version('answerable')} (ingest)"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})
_PIECE = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """For one fetch, its redirects included."""

    body_bytes: int = 20_000_000  # unpacked
    total_s: float = 30.0
    connect_s: float = 5.0
    silent_s: float = 10.0  # between two pieces of a reply
    redirects: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What came. `status` is 200, or 304 without a body, or 404 and 410: it is gone."""

    url: WebUrl  # after redirects
    status: int
    body: bytes = b""
    media_type: str = ""
    etag: str = ""
    last_modified: str = ""

    def with_body(self, body: bytes) -> Page:
        """The same page of these bytes."""
        return Page(
            url=self.url,
            status=self.status,
            body=body,
            media_type=self.media_type,
            etag=self.etag,
            last_modified=self.last_modified,
        )


async def resolve(host: str, port: int) -> Sequence[str]:
    """Every address of a name, as the system knows them. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@cache
def _certificates() -> ssl.SSLContext:
    return httpx2.create_ssl_context(trust_env=False)


def _network() -> httpx2.AsyncBaseTransport:
    return httpx2.AsyncHTTPTransport(verify=_certificates(), trust_env=False, retries=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """`page = await fetcher.fetch("https://docs.example.com/handbook")`.

    `hosts` may be fetched from: exact names (`docs.example.com`, or with a port: `wiki.example.com:3000`) and all
    names below one (`*.example.com`); redirects are held to them too. `private` networks may be reached besides
    the public Internet. `resolve` and `transport` are the seams where tests stand for the network.
    """

    hosts: tuple[str, ...]
    private: tuple[Network, ...] = ()
    limits: FetchLimits = field(default_factory=FetchLimits)
    resolve: Resolve = resolve
    transport: Callable[[], httpx2.AsyncBaseTransport] = _network

    async def fetch(
        self, url: str, *, types: Sequence[str] = (), known: Page | None = None, max_bytes: int | None = None
    ) -> Page:
        """One document. `types` are the media types that are taken; empty: any. `known`: fetch only if changed.

        Raises ConfigError for what is never fetched, ParseError (`too_large`, `unsupported`) for what came and is
        not taken, and Unreachable where nothing useful came in time.
        """
        limit = min(max_bytes or self.limits.body_bytes, self.limits.body_bytes)
        step = _Step(url=parse_url(url), known=known, types=types, limit=limit)
        try:
            async with asyncio.timeout(self.limits.total_s):
                return await self._follow(step)
        except TimeoutError as exc:
            raise _silent(url, f"not done after {self.limits.total_s:g} s") from exc

    async def _follow(self, step: _Step) -> Page:
        url = step.url
        for _ in range(self.limits.redirects + 1):
            found = await self._one(url, step)
            if isinstance(found, Page):
                return found
            url = found
        raise refused(step.url, f"more than {self.limits.redirects} redirects", "Name the page it ends at.")

    async def _one(self, url: WebUrl, step: _Step) -> Page | WebUrl:
        """The page, or where it sends us."""
        addresses = await self._checked(url)
        for address in addresses[:-1]:
            try:
                return await self._ask(url, address, step)
            except _NoConnection:
                continue
        return await self._ask(url, addresses[-1], step)

    async def _checked(self, url: WebUrl) -> Sequence[str]:
        """Its addresses; all of them may be reached. Raises ConfigError where one may not."""
        if not self._allowed(url):
            raise refused(
                url, f"{url.authority} is not among the source's hosts", "Add it to `hosts` if it should be."
            )
        if url.address is not None:
            addresses: Sequence[str] = [str(url.address)]
        else:
            addresses = await self._resolved(url)
        for address in addresses:
            if not may_be_reached(address, self.private):
                raise refused(
                    url,
                    f"{url.host} is at {address}, which is not on the public Internet",
                    "If this host is meant, name its address in `allow_private` and say why.",
                )
        return addresses

    async def _resolved(self, url: WebUrl) -> Sequence[str]:
        if "." not in url.host and not self.private:
            raise refused(url, f"{url.host} is a name of the local network")
        try:
            addresses = await self.resolve(url.host, url.port)
        except (OSError, UnicodeError) as exc:
            raise _silent(url, f"{url.host} has no address") from exc
        if not addresses:
            raise _silent(url, f"{url.host} has no address")
        return addresses

    def _allowed(self, url: WebUrl) -> bool:
        if self.hosts != ANY_HOST:
            host = f"[{url.host}]" if ":" in url.host else url.host
            if f"{host}:{url.port}" in self.hosts:
                return True
            below = any(one.startswith("*.") and host.endswith(one[1:]) for one in self.hosts)
            if host not in self.hosts and not below:
                return False
        return url.port in PORTS

    async def _ask(self, url: WebUrl, address: str, step: _Step) -> Page | WebUrl:
        try:
            async with self._reply(_request(url, address, step.known, self.limits)) as reply:
                return await _read(url, reply, step)
        except httpx2.ConnectError as exc:
            raise _NoConnection(str(_silent(url, str(exc) or "no connection")), hint=_TRY_LATER) from exc
        except httpx2.HTTPError as exc:  # refused, broken, silent, or not HTTP
            raise _silent(url, f"{type(exc).__name__} {str(exc)[:100]}".strip()) from exc

    @asynccontextmanager
    async def _reply(self, request: httpx2.Request) -> AsyncIterator[httpx2.Response]:
        async with self.transport() as transport:
            reply = await transport.handle_async_request(request)
            try:
                yield reply
            finally:
                await reply.aclose()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    url: WebUrl
    known: Page | None
    types: Sequence[str]
    limit: int


class _NoConnection(Unreachable):
    """Nobody listens at one of several addresses."""


def _request(url: WebUrl, address: str, known: Page | None, limits: FetchLimits) -> httpx2.Request:
    """To the address that was checked; certificate and Host are the name's."""
    host = f"[{address}]" if ":" in address else address
    headers = {"host": url.authority, "user-agent": USER_AGENT, "accept": "*/*", "accept-encoding": "gzip"}
    headers["connection"] = "close"
    if known and known.etag:
        headers["if-none-match"] = known.etag
    if known and known.last_modified:
        headers["if-modified-since"] = known.last_modified
    timeout = httpx2.Timeout(limits.silent_s, connect=limits.connect_s).as_dict()
    extensions = {"sni_hostname": url.host, "timeout": timeout}
    target = httpx2.URL(f"{url.scheme}://{host}:{url.port}").copy_with(raw_path=url.target.encode("ascii"))
    return httpx2.Request("GET", target, headers=headers, extensions=extensions)


async def _read(url: WebUrl, reply: httpx2.Response, step: _Step) -> Page | WebUrl:
    status = reply.status_code
    if status in _REDIRECTS:
        return url.join(_header(reply.headers, "location"))
    page = Page(
        url=url,
        status=status,
        media_type=_header(reply.headers, "content-type").partition(";")[0].strip().lower(),
        etag=_header(reply.headers, "etag"),
        last_modified=_header(reply.headers, "last-modified"),
    )
    if status in _GONE or (status == 304 and step.known is not None):
        return page
    if status != 200:
        raise _silent(url, f"status {status}")
    if step.types and page.media_type not in step.types:
        raise ParseError(
            f"{url}: its type is {page.media_type[:60] or 'not said'!r}, which is not fetched",
            hint=f"Fetched: {', '.join(step.types)}.",
            reason="unsupported",
        )
    return page.with_body(await _body(url, reply, step.limit))


async def _body(url: WebUrl, reply: httpx2.Response, limit: int) -> bytes:
    """Unpacked, never more than the limit in memory, whatever the headers promise."""
    coding = _header(reply.headers, "content-encoding").lower()
    if coding not in {"", "identity", "gzip", "x-gzip"}:
        raise ParseError(f"{url}: packed as {coding[:40]!r}, which was not asked for", reason="unsupported")
    take = Inflated(limit) if "gzip" in coding else Plain(limit)
    async for piece in reply.aiter_raw(_PIECE):
        if not take.add(piece):
            raise ParseError(
                f"{url}: more than the {limit:,} bytes that are fetched",
                hint="Split the page, or leave it out of the source.",
                reason="too_large",
            )
    return bytes(take.data)


class Plain:
    """Bytes up to a limit."""

    def __init__(self, limit: int) -> None:
        self.data = bytearray()
        self._limit = limit

    def add(self, piece: bytes) -> bool:
        """False when there would be more than the limit."""
        self.data += piece
        return len(self.data) <= self._limit


class Inflated(Plain):
    """Bytes out of a gzip stream up to a limit; what follows the stream's end is left out."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._stream = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def add(self, piece: bytes) -> bool:
        """As Plain; unpacks no more than the limit. Raises ParseError where it is no gzip."""
        try:
            return Plain.add(self, self._stream.decompress(piece, self._limit + 1 - len(self.data)))
        except zlib.error as exc:
            raise ParseError("not a readable gzip stream", reason="malformed") from exc


def _header(headers: Mapping[str, str], name: str) -> str:
    return headers.get(name, "")[:2_000].strip()


_TRY_LATER = "Open it in a browser; if it is there, try again later."


def _silent(url: object, cause: str) -> Unreachable:
    return Unreachable(f"{str(url)[:200]}: nothing came ({cause})", hint=_TRY_LATER)
