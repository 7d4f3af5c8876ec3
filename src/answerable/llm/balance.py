"""Several endpoints that are alike, behind one face."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import ConfigError, NotAsked
from answerable.core.prompt import Rendered
from answerable.llm.breaker import Breaker

Policy = Literal["weighted", "least-latency", "sticky"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Balanced:
    """Each call goes to one endpoint that may be asked now; one whose probe is due comes first.

    weighted: at random by `weights`. least-latency: of two drawn at random (Mitzenmacher 2001, "The power of two
    choices") the one whose recent time, times its calls under way, is less. sticky: by rendezvous hashing (Thaler
    and Ravishankar 1998) of who asks, so that the provider's prompt cache is hit. An endpoint that failed a moment
    ago comes after the others, so a retry goes elsewhere.
    """

    endpoints: Sequence[Breaker]
    policy: Policy = "least-latency"
    weights: Sequence[float] = ()  # one for each endpoint; empty: all alike
    random: Callable[[], float] = random.random  # in [0, 1)

    def __post_init__(self) -> None:
        if not self.endpoints:
            raise ConfigError("there is no endpoint to share the work")
        if self.weights and len(self.weights) != len(self.endpoints):
            raise ConfigError(f"{len(self.weights)} weights for {len(self.endpoints)} endpoints")

    @property
    def name(self) -> str:
        """The provider's name."""
        return self.endpoints[0].name

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """The reply of one endpoint. Raises NotAsked when none may be asked, and what the endpoint raises."""
        return await self.choose(rendered).complete(rendered, deadline=deadline)

    def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncIterator[str | Completion]:
        """The stream of one endpoint, chosen at once. Raises as `complete` does."""
        return self.choose(rendered).stream(rendered, deadline=deadline)

    def choose(self, rendered: Rendered, *, apart_from: Collection[str] = ()) -> Breaker:
        """The endpoint for this call, none of `apart_from` by id.

        Raises NotAsked, or the PermanentModelError of endpoints that are misconfigured, every one.
        """
        ready = [one for one in self.endpoints if one.id not in apart_from and one.circuit.ready_in_s() <= 0.0]
        if len(ready) == 1:
            return ready[0]
        if not ready:
            raise self._closed_error()
        if due := next((one for one in ready if one.circuit.probe_due), None):
            return due
        well = [one for one in ready if not one.load.failed_lately] or ready
        return well[0] if len(well) == 1 else self._by_policy(well, rendered)

    def ready_in_s(self) -> float:
        """Seconds until one of the endpoints may be asked."""
        return min(one.circuit.ready_in_s() for one in self.endpoints)

    def _by_policy(self, ready: list[Breaker], rendered: Rendered) -> Breaker:
        match self.policy:
            case "weighted":
                return self._drawn(ready)
            case "sticky":
                who = f"{rendered.scope.tenant if rendered.scope else ''}\x00{rendered.principal}"
                return max(ready, key=lambda one: _affinity(who, one.id))
        first = int(self.random() * len(ready))
        second = (first + 1 + int(self.random() * (len(ready) - 1))) % len(ready)
        return min(ready[first], ready[second], key=lambda one: one.load.cost)

    def _drawn(self, ready: list[Breaker]) -> Breaker:
        shares = dict(
            zip((one.id for one in self.endpoints), self.weights or [1.0] * len(self.endpoints), strict=True)
        )
        left = self.random() * sum(shares[one.id] for one in ready)
        for one in ready:
            left -= shares[one.id]
            if left < 0.0:
                return one
        return ready[-1]

    def _closed_error(self) -> Exception:
        """Of one endpoint its own; of several the one that says when to come again."""
        soonest = min(
            self.endpoints, key=lambda one: (one.circuit.state == "misconfigured", one.circuit.ready_in_s())
        )
        error = soonest.closed_error()
        if len(self.endpoints) == 1 or not isinstance(error, NotAsked):
            return error
        wait_s = soonest.circuit.ready_in_s()
        return NotAsked(f"{self.name}: none of {len(self.endpoints)} endpoints may be asked", retry_after_s=wait_s)


def _affinity(who: str, endpoint: str) -> bytes:
    return blake2b(f"{who}\x00{endpoint}".encode(), digest_size=8).digest()
