"""Asking every endpoint something tiny now and then, so that a way that is needed once a year is known to work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from answerable.core.deadline import Deadline
from answerable.core.errors import AnswerableError, NotAsked
from answerable.core.prompt import Rendered
from answerable.llm.breaker import Breaker

USE = "probe"
_PATIENCE_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What one endpoint did. `outcome` is ok, failed, or skipped where it is left alone; times in milliseconds."""

    provider: str
    endpoint: str
    outcome: str
    latency_ms: float
    model: str = ""  # that it says it is
    error: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """One call for each endpoint, one after the other; `asked` is the prompt `probe`, with that use.

    It goes through limits, books and circuit like every call: a circuit that is open is closed by a probe whose
    time has come, and a dead endpoint is known before a person meets it. `told` hears of every outcome.
    """

    asked: Rendered
    endpoints: Callable[[], Sequence[Breaker]]
    told: Callable[[Probed], None]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.perf_counter

    async def probe_once(self) -> list[Probed]:
        """Ask each endpoint once. Raises nothing for one that fails."""
        done = []
        for endpoint in self.endpoints():
            one = await self._probe(endpoint)
            self.told(one)
            done.append(one)
        return done

    async def run(self, every_s: float) -> None:
        """For ever, until cancelled; the first round comes after the first wait."""
        while True:
            await self.sleep(every_s)
            await self.probe_once()

    async def _probe(self, endpoint: Breaker) -> Probed:
        started = self.clock()
        try:
            completion = await endpoint.complete(self.asked, deadline=Deadline.after(_PATIENCE_S))
        except AnswerableError as error:
            outcome = "skipped" if isinstance(error, NotAsked) else "failed"
            return self._told(endpoint, started, outcome, error=str(error), hint=error.hint)
        return self._told(endpoint, started, "ok", model=completion.model)

    def _told(
        self, endpoint: Breaker, started: float, outcome: str, *, model: str = "", error: str = "", hint: str = ""
    ) -> Probed:
        return Probed(
            provider=endpoint.name,
            endpoint=endpoint.id,
            outcome=outcome,
            latency_ms=(self.clock() - started) * 1000.0,
            model=model,
            error=error,
            hint=hint,
        )
