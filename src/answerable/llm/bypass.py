"""What is asked when every endpoint of a route is left alone: rather one that fails than nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import NotAsked
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.llm.breaker import Breaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Bypass:
    """Goes round the circuits of the endpoints, in order; not round a provider's wish to rest, nor a bad key."""

    endpoints: Sequence[Breaker]

    @property
    def name(self) -> str:
        """The first provider's name."""
        return self.endpoints[0].name

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """The reply. Raises NotAsked when all wish to rest, and what the model behind raises."""
        return await self._chosen().complete(rendered, deadline=deadline)

    def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncIterator[str | Completion]:
        """The reply in pieces. Raises as `complete` does."""
        return self._chosen().stream(rendered, deadline=deadline)

    def _chosen(self) -> LLM:
        for one in self.endpoints:
            circuit = one.circuit
            if circuit.state in ("open", "half-open") and circuit.resting_until <= circuit.clock():
                return one.llm
        raise NotAsked(f"{self.name}: no endpoint may be asked, and none is to be asked nevertheless")
