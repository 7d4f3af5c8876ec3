"""What the faces need to know of a project's configuration; the composition root fills it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from answerable.core.bounds import UNBOUND, Bounds

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How people show who they are, and how long that lasts: section [access]. Times in seconds."""

    way: str = ""  # link, header, oidc; empty: links on this machine
    header: str = ""  # in lower case
    proxies: tuple[str, ...] = ()  # networks whose forwarded headers are believed
    domains: tuple[str, ...] = ()
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    public_url: str = ""
    session_s: float = 7 * 86_400.0
    idle_s: float = 86_400.0
    failures: int = 30
    window_s: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """Texts, limits and the way of serving. Times in seconds, sizes in bytes."""

    title: str = "Assistant"
    disclosure: str = ""  # empty: the catalog's own words, in the reader's language
    examples: tuple[str, ...] = ()
    can: tuple[str, ...] = ()  # what it is for, a line each; empty: the catalog's own words
    cannot: tuple[str, ...] = ()
    contact: str = ""  # where a person is: a mailto: or https: address; empty: nobody is promised
    link_hosts: tuple[str, ...] = ()  # exact host names that a link in an answer may lead to
    tenant: str = "default"  # whose index /readyz looks at; a caller's tenant comes from the token
    default_language: str = "en"
    languages: tuple[str, ...] = ("en", "de", "es")
    input_chars: int = 4000
    deadline_s: float = 4.0
    max_deadline_s: float = 60.0  # what X-Deadline-Ms may ask for at most
    local: bool = True  # plain http on loopback: the session cookie goes without Secure
    allowed_hosts: tuple[str, ...] = LOOPBACK  # names the Host header may carry, without port; empty: any
    body_bytes: int = 262_144
    sign_in: SignIn = field(default_factory=SignIn)
    resume_s: float = 3.0  # how long work goes on without a reader, for a client that said it may come back
    heartbeat_s: float = 10.0
    concurrent: int = 200  # questions at the same time, at the most
    concurrent_tenant: float = 1.0  # the share of these that one tenant may hold while others wait
    queue: int = 200  # questions that may wait
    queue_s: float = 1.0  # the longest wait
    bounds: Bounds = UNBOUND  # how much each may ask and see
    adaptive: bool = True  # fewer at the same time when this machine does not answer so many in time
