"""A URL that may be fetched, read by one strict grammar. Not a general parser: what two parsers could read in two
ways is refused, so that the host that is checked is the host that is connected to.

RFC 3986 without userinfo, for http and https alone. WHATWG's repairs (backslashes, tabs, missing slashes, octal,
hexadecimal and shortened IPv4, percent-encoded and full-width hosts) are errors here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote

from answerable.core.errors import ConfigError

DEFAULT_PORTS = {"http": 80, "https": 443}
PORTS = frozenset({80, 443, 8080, 8443})  # others only where a source's hosts name them
_LONGEST = 2_000  # characters
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_WHOLE = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?:(?P<path>/[^?#]*)(?P<query>\?[^#]*)?(?:#.*)?)?",  # no ? or # right after the host: parsers differ there
    re.IGNORECASE,
)
_NOWHERE = re.compile(r"[\x00-\x20\x7f-\xa0\\<>\"{}|^`\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")  # a last label that some parsers take for the end of an IPv4 address
_AS_IT_IS = "/%:@!$&'()*+,;=-._~"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebUrl:
    """Taken apart and normalized: lower-case host, explicit port, path and query percent-encoded, no fragment."""

    scheme: str
    host: str  # a name of at least one label, or an IP address without brackets
    port: int
    target: str  # path and query, as they go over the wire

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"

    @property
    def authority(self) -> str:
        """As the Host header has it: without the scheme's own port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def address(self) -> IPv4Address | IPv6Address | None:
        """The host where it is an address itself."""
        return _address(self.host)

    @property
    def path(self) -> str:
        """Without the query."""
        return self.target.partition("?")[0]

    def join(self, reference: str) -> WebUrl:
        """Where a reference in this page's headers leads (RFC 3986, 5.2). Raises ConfigError."""
        if _SCHEME.match(reference):
            return parse_url(reference)
        if reference.startswith("//"):
            return parse_url(f"{self.scheme}:{reference}")
        origin = f"{self.scheme}://{self.authority}"
        if reference.startswith("/"):
            return parse_url(origin + reference)
        if not reference or reference[0] in "?#":
            return parse_url(
                origin + (self.target if not reference or reference[0] == "#" else self.path) + reference
            )
        return parse_url(origin + self.path.rpartition("/")[0] + "/" + reference)


def parse_url(text: str) -> WebUrl:
    """Raises ConfigError that says what is wrong, and never repairs."""
    if len(text) > _LONGEST:
        raise refused(text, f"it is longer than {_LONGEST:,} characters")
    if found := _NOWHERE.search(text):
        raise refused(text, f"it holds {found.group()!r}", "Percent-encode it, or take it away.")
    scheme = _SCHEME.match(text)
    if scheme is None or scheme.group(1).lower() not in DEFAULT_PORTS:
        raise refused(text, "only http:// and https:// are fetched")
    whole = _WHOLE.fullmatch(text)
    if whole is None:
        raise refused(text, _misshapen(text), "Write it as https://host/path, the host in ASCII (xn--…).")
    name = whole["scheme"].lower()
    port = int(whole["port"] or DEFAULT_PORTS[name])
    if not 0 < port < 65_536:
        raise refused(text, f"there is no port {port}")
    query = whole["query"] or ""
    target = _without_dots(_encoded(whole["path"] or "/")) + ("?" + _encoded(query[1:], "/?") if query else "")
    return WebUrl(scheme=name, host=_host(text, whole["host"].lower()), port=port, target=target)


def refused(url: object, cause: str, hint: str = "") -> ConfigError:
    """Of a URL that is not fetched. The URL is shown without what could disturb a terminal, and cut short."""
    shown = str(url).encode("unicode_escape").decode()
    return ConfigError(f"{shown[:200]}: not fetched ({cause})", hint=hint or "Correct the URL, or leave it out.")


def _misshapen(text: str) -> str:
    authority = re.split(r"[/?#]", text.partition("://")[2], maxsplit=1)[0]
    return "it names a user" if "@" in authority else "it is not a plain URL"


def _host(text: str, host: str) -> str:
    if host.startswith("["):
        try:
            return str(IPv6Address(host[1:-1]))
        except AddressValueError as exc:
            raise refused(text, f"{host} is no IPv6 address") from exc
    labels: Sequence[str] = host.split(".")
    if _NUMERIC.fullmatch(labels[-1] or labels[-2 if len(labels) > 1 else 0]):
        found = _address(host)
        if not isinstance(found, IPv4Address) or str(found) != host:
            raise refused(text, f"{host} is an address in an unusual form")
        return host
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise refused(text, f"{host} is no host name")
    return host


def _address(host: str) -> IPv4Address | IPv6Address | None:
    for form in (IPv4Address, IPv6Address):
        try:
            return form(host)
        except AddressValueError:
            continue
    return None


def _encoded(text: str, also: str = "") -> str:
    return quote(text, safe=_AS_IT_IS + also)


def _without_dots(path: str) -> str:
    """RFC 3986, 5.2.4."""
    kept: list[str] = []
    parts = path.split("/")
    for n, part in enumerate(parts):
        if part == "..":
            kept[1:] = kept[1:-1]
        elif part != ".":
            kept.append(part)
        if part in {".", ".."} and n == len(parts) - 1:
            kept.append("")
    return "/".join(kept) or "/"
