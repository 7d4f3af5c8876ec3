"""Who pays a toll: a person, with a key, from a network; and the address that a request really came from."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from fastapi import Request

from answerable.api.access import Caller
from answerable.core.identity import sha256_hex

_NOWHERE = "unknown"
_IPV6_NETWORK = 64  # bits: one subscriber's; whoever has one has 2^64 addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Names of the four scopes. `network` is a hash: no address is kept."""

    tenant: str
    person: str
    key: str
    network: str

    def name(self, scope: str) -> str:
        """The payer's name in a scope."""
        return {"key": self.key, "user": self.person, "network": self.network, "tenant": self.tenant}[scope]


def payer_of(request: Request, caller: Caller) -> Payer:
    """The payer of a request by a caller."""
    services = request.app.state.services
    network = network_of(address_of(request, trusted=services.web.trusted_proxies))
    return Payer(
        tenant=caller.tenant,
        person=caller.principal.id,
        key=caller.token_id,
        network="net_" + sha256_hex(f"{caller.tenant} {network}")[:32],
    )


def address_of(request: Request, *, trusted: tuple[str, ...]) -> str:
    """The peer's address; behind trusted proxies the last one in X-Forwarded-For that is none of them.

    What stands further left was written by the client and counts for nothing.
    """
    peer = request.client.host if request.client else ""
    if not _within(peer, trusted):
        return peer
    for one in reversed(",".join(request.headers.getlist("x-forwarded-for")).split(",")):
        if (address := one.strip()) and not _within(address, trusted):
            return address
    return peer


def network_of(address: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 address; one name for all that is no address."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return _NOWHERE
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((known, _IPV6_NETWORK), strict=False))
    return str(known)


def _within(address: str, networks: tuple[str, ...]) -> bool:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(known in ipaddress.ip_network(one, strict=False) for one in networks)
