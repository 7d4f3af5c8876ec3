"""A webhook: a message as JSON, posted and signed as Standard Webhooks says (standardwebhooks.com, version 1).

The signature is over the id, the time and the very bytes of the body, so that a receiver can refuse what was
changed and what is old. It connects to the address that it has checked, follows no redirect and asks no proxy.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from ipaddress import ip_network

import httpx2

from answerable.adapters.sources.fetch import Resolve, resolve
from answerable.adapters.sources.reachable import may_be_reached
from answerable.adapters.sources.web_url import WebUrl, parse_url, refused
from answerable.core.alert import Notice
from answerable.core.errors import ConfigError, Unreachable

TIMEOUT_S = 10.0
_SECRET = "whsec_"  # noqa: S105 - what a secret in base64 begins with
_LEAST = 16  # bytes of a secret
_GONE = frozenset({400, 410, 413, 415, 422})  # it will not be taken the next time either
_OURS = frozenset({401, 403, 404})  # while it is deployed, too, or its secret changed: a person may mend it


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One receiver. `private`: networks besides the public Internet; plain http is for them alone."""

    url: str
    secret: str
    private: Sequence[str] = ()
    resolve: Resolve = resolve
    transport: Callable[[], httpx2.AsyncBaseTransport] = lambda: httpx2.AsyncHTTPTransport(
        trust_env=False, retries=0
    )

    async def send(self, notice: Notice, *, now: datetime) -> None:
        """Raises ConfigError where the address or the receiver refuses for good, else Unreachable."""
        url = parse_url(self.url)
        body = json.dumps(notice.payload, ensure_ascii=False, separators=(",", ":"), default=str).encode()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                status = await self._post(url, await self._address(url), body, self._headers(notice, now, body))
        except (TimeoutError, OSError, httpx2.HTTPError) as exc:
            raise Unreachable(f"{url.authority}: {type(exc).__name__} {str(exc)[:100]}".strip()) from exc
        if status in _GONE:
            raise ConfigError(
                f"{url.authority} does not take it: status {status}", hint="check the address and secret"
            )
        if status in _OURS:
            raise Unreachable(f"{url.authority}: status {status}; check the address and secret")
        if not 200 <= status < 300:
            raise Unreachable(f"{url.authority}: status {status}")

    async def _address(self, url: WebUrl) -> str:
        private = [ip_network(one, strict=False) for one in self.private]
        addresses = [str(url.address)] if url.address else await self.resolve(url.host, url.port)
        for address in addresses:
            if not may_be_reached(address, private):
                raise refused(
                    url, f"{url.host} is at {address}", "Name its network in `allow_private` if it is meant."
                )
            if url.scheme == "http" and may_be_reached(address):
                raise refused(url, "plain http goes over the Internet", "Write https.")
        if not addresses:
            raise Unreachable(f"{url.host} has no address")
        return addresses[0]

    async def _post(self, url: WebUrl, address: str, body: bytes, headers: dict[str, str]) -> int:
        host = f"[{address}]" if ":" in address else address
        target = httpx2.URL(f"{url.scheme}://{host}:{url.port}").copy_with(raw_path=url.target.encode("ascii"))
        timeout = httpx2.Timeout(TIMEOUT_S).as_dict()
        request = httpx2.Request(
            "POST",
            target,
            headers={"host": url.authority, "content-type": "application/json", **headers},
            content=body,
            extensions={"sni_hostname": url.host, "timeout": timeout},
        )
        async with self.transport() as transport:
            reply = await transport.handle_async_request(request)
            try:
                return reply.status_code
            finally:
                await reply.aclose()

    def _headers(self, notice: Notice, now: datetime, body: bytes) -> dict[str, str]:
        at = str(int(now.timestamp()))
        signed = signature(self.secret, notice.id, at, body)
        return {"webhook-id": notice.id, "webhook-timestamp": at, "webhook-signature": signed}


def signature(secret: str, message_id: str, at: str, body: bytes) -> str:
    """`v1,` and the HMAC-SHA256 in base64. Raises ConfigError for a secret that is too short or not base64."""
    try:
        key = (
            base64.b64decode(secret[len(_SECRET) :], validate=True)
            if secret.startswith(_SECRET)
            else secret.encode()
        )
    except binascii.Error as exc:
        raise ConfigError("the webhook's secret is not base64 after whsec_") from exc
    if len(key) < _LEAST:
        raise ConfigError(f"the webhook's secret has fewer than {_LEAST} bytes", hint="openssl rand -hex 32")
    digest = hmac.new(key, f"{message_id}.{at}.".encode() + body, sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
