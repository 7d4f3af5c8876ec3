"""Networks that failed too often to show who they are, and what becomes of their next attempts."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from answerable.core.errors import Unreachable
from answerable.core.ports import Attempts, Happening, Happenings

log = logging.getLogger(__name__)
_MOST = 10_000  # networks and credentials that one process remembers


@dataclass(slots=True, kw_only=True)
class Lockout:
    """Counts failures by network over a sliding window, with all processes together (through Attempts).

    A locked-out network gets the refusal that everybody gets, after the same work, even for a good credential: a
    guess that is right must not show. Credentials that were good here from that network before stay good, so that
    one broken program does not lock its whole office out; and only as many failures again as locked it keep it
    locked, so that one that fails now and then does not keep its office out for good.
    """

    attempts: Attempts
    tenant: str
    most: int = 30
    window_s: float = 300.0
    happenings: Happenings | None = None
    clock: Callable[[], float] = time.monotonic
    _until: OrderedDict[str, float] = field(default_factory=OrderedDict)
    _more: dict[str, int] = field(default_factory=dict)  # failures since it was locked
    _known: OrderedDict[tuple[str, str], None] = field(default_factory=OrderedDict)

    def stops(self, network: str, token_id: str) -> bool:
        """Whether a good credential is refused all the same."""
        return self.clock() < self._until.get(network, 0.0) and (network, token_id) not in self._known

    def passed(self, network: str, token_id: str) -> None:
        """It was good."""
        self._known[network, token_id] = None
        self._known.move_to_end((network, token_id))
        if len(self._known) > _MOST:
            self._known.popitem(last=False)

    async def failed(self, network: str) -> None:
        """It was not. A database that is away counts nothing, and lets nobody in either."""
        if self.clock() < self._until.get(network, 0.0):  # it goes on: no row for each of a flood
            self._more[network] = self._more.get(network, 0) + 1
            if self._more[network] >= self.most:
                self._shut(network)
            return
        try:
            count = await self.attempts.failed(
                tenant=self.tenant, who=f"network:{network}", window_s=self.window_s
            )
        except Unreachable:
            return
        if count >= self.most:
            self._lock(network, count)

    def _shut(self, network: str) -> None:
        self._until[network] = self.clock() + self.window_s
        self._until.move_to_end(network)
        self._more[network] = 0
        if len(self._until) > _MOST:
            oldest, _ = self._until.popitem(last=False)
            self._more.pop(oldest, None)

    def _lock(self, network: str, count: int) -> None:
        self._shut(network)
        log.warning("network %s is locked out: %d failed attempts", network, count)
        if self.happenings is not None:
            self.happenings.write(
                Happening(
                    name="access.locked",
                    tenant=self.tenant,
                    props={"network": network, "failed": count, "window_s": self.window_s},
                )
            )
