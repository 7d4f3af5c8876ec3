"""The header in which a trusted proxy says who is there, and what becomes of it from anybody else."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from answerable.api.credentials import refuse
from answerable.api.networks import from_proxy, network_at
from answerable.core.ports import Happening

log = logging.getLogger(__name__)
_PERSON = re.compile(r"[A-Za-z0-9._%+'@-]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxied:
    """It opens a session and nothing else, so that there stay two carriers of a credential; and that session holds
    only as long as the proxy names the same person. `header` empty: there is none."""

    header: str = ""
    proxies: tuple[str, ...] = ()
    told: Callable[[Happening], None] = lambda happening: None

    def check(self, request: Request) -> None:
        """Raises ProblemError where the header comes from somebody else than a configured proxy."""
        if self.header and self.header in request.headers and not from_proxy(request, self.proxies):
            network = network_at(request, trusted=self.proxies)
            log.warning("%s from %s, which is no configured proxy, was refused", self.header, network)
            self.told(Happening(name="access.forged_header", props={"network": network, "header": self.header}))
            raise refuse()

    def person(self, request: Request) -> str:
        """Whom the proxy names, in lower case; empty where it names nobody. Raises ProblemError for a forged
        header, for two of them, and for what is no name."""
        self.check(request)
        named = request.headers.getlist(self.header) if self.header else []
        if not named:
            return ""
        if len(named) > 1 or not _PERSON.fullmatch(named[0]):
            log.warning("%s has no single plain name; the proxy passes on what the client wrote?", self.header)
            raise refuse()
        return named[0].lower()

    def check_person(self, request: Request, person: str) -> None:
        """Raises ProblemError unless the proxy names just this person."""
        if self.person(request) != person:
            raise refuse()
