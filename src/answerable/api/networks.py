"""Where a request comes from: one rule, which believes forwarded addresses of configured proxies alone."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import HTTPConnection

Address = IPv4Address | IPv6Address
UNKNOWN = "unknown"
_SITE = 64  # bits of an IPv6 address that one customer holds


def peer_of(request: HTTPConnection) -> Address | None:
    """Who is at the other end of the connection; None where it has no address (a socket file)."""
    return _address(request.client.host if request.client else "")


def from_proxy(request: HTTPConnection, proxies: Sequence[str]) -> bool:
    """Whether a configured proxy sent it."""
    return _inside(peer_of(request), proxies)


def network_of(request: HTTPConnection, proxies: Sequence[str]) -> str:
    """The caller's network, to count by: an IPv4 address, or the /64 of an IPv6 one.

    Behind proxies it is the last address of X-Forwarded-For that is none of theirs; what stands before that, the
    caller may have written.
    """
    found = peer_of(request)
    if _inside(found, proxies):
        said = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
        hops = [_address(one.strip()) for one in reversed(said) if one.strip()]
        found = next((one for one in hops if not _inside(one, proxies)), found)
    return UNKNOWN if found is None else _named(found)


def _named(found: Address) -> str:
    if isinstance(found, IPv6Address):
        return str(IPv6Network((found, _SITE), strict=False))
    return str(found)


def _address(text: str) -> Address | None:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _inside(found: Address | None, networks: Sequence[str]) -> bool:
    return found is not None and any(found in ip_network(one) for one in networks)
