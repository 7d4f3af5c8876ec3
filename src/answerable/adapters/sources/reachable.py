"""Which addresses may be connected to: the public Internet, and what a person has named besides.

Fixed tables after IANA's special-purpose registries (RFC 6890 and its updates), not `ipaddress.is_global`, whose
answer changed between Python's patch versions.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NOT_PUBLIC_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's wire server: a public number that is answered inside
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # Teredo, ORCHID, benchmarking and their like
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address of anybody's choice
        "3fff::/20",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
NEVER: tuple[Network, ...] = (  # not even where a person names them: what clouds hand their keys out on
    IPv4Network("169.254.0.0/16"),
    IPv4Network("168.63.129.16/32"),
    IPv4Network("100.100.100.200/32"),
    IPv4Network("192.0.0.192/32"),
    IPv6Network("fe80::/10"),
    IPv6Network("fd00:ec2::/32"),
    IPv4Network("224.0.0.0/4"),
    IPv6Network("ff00::/8"),
)


def may_be_reached(address: str, private: Iterable[Network] = ()) -> bool:
    """Whether `address`, as a resolver gives it, is public or in one of the `private` networks."""
    try:
        found = ip_address(address)
    except ValueError:  # with a zone, or no address at all
        return False
    if isinstance(found, IPv6Address):
        if found.scope_id is not None:
            return False
        found = found.ipv4_mapped or found
    if any(found in network for network in NEVER):
        return False
    return _is_public(found) or any(found in network for network in private)


def private_network(text: str) -> Network:
    """A network that a person names. Raises ValueError: malformed, or it holds what is never reached."""
    network = ip_network(text)
    for never in NEVER:
        if network.version == never.version and network.overlaps(never):
            raise ValueError(f"{text} overlaps {never}, which is never fetched from")
    return network


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    if address in _NAT64:
        return _is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    if (int(address) >> 32) & 0xFCFFFFFF == 0x00005EFE:  # ISATAP: an IPv4 address inside (RFC 5214)
        return False
    return address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)
