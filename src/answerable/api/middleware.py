"""What wraps every request: the trace id, the Host check, the body limit and the security headers."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from answerable.api.problems import MEDIA_TYPE, ProblemError
from answerable.core.traceparent import came_with, received

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
BODY_S = 10.0  # a question is a few kilobytes: who needs longer holds a connection, not a conversation


@dataclass(frozen=True, slots=True)
class Envelope:
    """Outermost: gives the request its trace id and the response its headers."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        parent = received(Headers(scope=scope).get("traceparent", ""))
        came_with.set(parent)  # for what is told of this request: its own task, and those that it begins
        trace_id = parent.trace_id
        scope.setdefault("state", {})["trace_id"] = trace_id

        async def send_sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
                headers["traceparent"] = f"00-{trace_id}-{secrets.token_hex(8)}-01"
            await send(message)

        await self.app(scope, receive, send_sealed)


@dataclass(frozen=True, slots=True)
class Hosts:
    """Answers only to the allowed names, so that a foreign name rebound to this address reads nothing."""

    app: ASGIApp
    allowed: tuple[str, ...] = field(kw_only=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.allowed and host_name(_host(scope)) not in self.allowed:
            await _turn_away(ProblemError("host_not_allowed"), scope, receive, send)
            return
        await self.app(scope, receive, send)


def _host(scope: Scope) -> str:
    """The one Host header; two of them are none."""
    values = Headers(scope=scope).getlist("host")
    return values[0] if len(values) == 1 else ""


def host_name(host: str) -> str:
    """The Host header without its port, in lower case."""
    name, separator, port = host.lower().rpartition(":")
    return name if separator and port.isdigit() else host.lower()


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """Reads the body before anything else does, up to a size and a time."""

    app: ASGIApp
    max_bytes: int = field(kw_only=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(BODY_S):
                body = await self._read(Headers(scope=scope), receive)
        except TimeoutError:
            await _turn_away(ProblemError("request_timeout"), scope, receive, send)
            return
        except ProblemError as problem:
            await _turn_away(problem, scope, receive, send)
            return
        if body is None:
            return  # the client went away
        await self.app(scope, _replay(body, receive), send)

    async def _read(self, headers: Headers, receive: Receive) -> bytes | None:
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > self.max_bytes:
            raise ProblemError("too_large", f"at most {self.max_bytes} bytes")
        parts: list[bytes] = []
        size = 0
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self.max_bytes:
                raise ProblemError("too_large", f"at most {self.max_bytes} bytes")
            more = message.get("more_body", False)
        return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


async def _turn_away(problem: ProblemError, scope: Scope, receive: Receive, send: Send) -> None:
    document = problem.document(scope["state"]["trace_id"])
    headers = {**problem.headers, "Connection": "close"}
    response = JSONResponse(document, problem.status, headers=headers, media_type=MEDIA_TYPE)
    await response(scope, receive, send)
