"""Where a request comes from: one rule, which believes forwarded addresses of configured proxies alone."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import HTTPConnection

_NOWHERE = "unknown"
_WITH_PORT = re.compile(r"(\d+\.\d+\.\d+\.\d+):\d+|\[([^\[\]]+)\](?::\d+)?")  # some proxies add the port
_IPV6_NETWORK = 64  # bits: one subscriber's; whoever has one has 2^64 addresses


def network_at(request: HTTPConnection, *, trusted: tuple[str, ...]) -> str:
    """The network that a request really came from, to count by."""
    return network_of(address_of(request, trusted=trusted))


def address_of(request: HTTPConnection, *, trusted: tuple[str, ...]) -> str:
    """The peer's address; behind trusted proxies the last one in X-Forwarded-For that is none of them.

    What stands further left was written by the client and counts for nothing.
    """
    peer = _peer(request)
    if not _within(peer, trusted):
        return peer
    for one in reversed(",".join(request.headers.getlist("x-forwarded-for")).split(",")):
        if (address := _bare(one.strip())) and not _within(address, trusted):
            return address
    return peer


def network_of(address: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 address; one name for all that is no address."""
    known = _parsed(address)
    if isinstance(known, IPv6Address):
        return str(IPv6Network((known, _IPV6_NETWORK), strict=False))
    return _NOWHERE if known is None else str(known)


def from_proxy(request: HTTPConnection, trusted: tuple[str, ...]) -> bool:
    """Whether a configured proxy is at the other end of the connection."""
    return _within(_peer(request), trusted)


def within(network: str, networks: tuple[str, ...]) -> bool:
    """Whether what `network_at` gave lies in one of the networks."""
    return bool(networks) and _within(network.partition("/")[0], networks)


def _peer(request: HTTPConnection) -> str:
    return request.client.host if request.client else ""


def _bare(address: str) -> str:
    match = _WITH_PORT.fullmatch(address)
    return (match[1] or match[2]) if match else address


def _within(address: str, networks: tuple[str, ...]) -> bool:
    known = _parsed(address)
    return known is not None and any(known in one for one in _ranges(networks))


@lru_cache(maxsize=8)
def _ranges(networks: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(one, strict=False) for one in networks)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    """None for what is no address; an IPv4 address that came over IPv6 is the IPv4 address."""
    try:
        known = ip_address(address)
    except ValueError:
        return None
    return (known.ipv4_mapped or known) if isinstance(known, IPv6Address) else known
