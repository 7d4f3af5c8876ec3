"""An LLM that asks another LLM again where that can help."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field, replace

from answerable.core.completion import Attempt, Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import ModelError, NotAsked, TransientModelError
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.llm.attempts import Watch, opened
from answerable.llm.budget import RetryBudget


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """At most `tries` calls. Only transient errors are tried again, and a stream only before its first text.

    The wait has full jitter (Brooker 2015, "Exponential Backoff And Jitter"): uniform in
    [0, min(cap_s, base_s·2ⁿ)], and is no shorter than the provider's Retry-After. A wait longer than `max_wait_s`,
    or one that would leave less than `useful_s` of the deadline, is not begun: the error goes up at once, and
    something else may answer. `ready_in_s` tells when one of several endpoints may be asked: where that is at
    once, the Retry-After of the one that failed holds nobody up. An account that is used up is tried again only
    there. Every retry takes from the route's `budget`.
    """

    llm: LLM
    tries: int = 2
    base_s: float = 0.1
    cap_s: float = 1.0
    max_wait_s: float = 1.0
    useful_s: float = 0.25
    budget: RetryBudget = field(default_factory=RetryBudget)
    ready_in_s: Callable[[], float] | None = None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random  # in [0, 1)

    @property
    def name(self) -> str:
        """The name of the model behind."""
        return self.llm.name

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """The first reply. Raises the last try's error, with the attempts."""
        past: tuple[Attempt, ...] = ()
        since = time.perf_counter()
        while True:
            watch = Watch(provider=self.name, since=since)
            try:
                completion = await self.llm.complete(rendered, deadline=deadline)
            except ModelError as error:
                past = await self._again(error, past, watch, deadline)
            else:
                return self._finished(completion, past, watch)

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncGenerator[str | Completion, None]:
        """The first reply that begins. Raises the last try's error, with the attempts."""
        past: tuple[Attempt, ...] = ()
        since = time.perf_counter()
        while True:
            watch = Watch(provider=self.name, since=since)
            try:
                async with opened(self.llm.stream(rendered, deadline=deadline)) as pieces:
                    async for piece in pieces:
                        if isinstance(piece, Completion):
                            yield self._finished(piece, past, watch)
                        else:
                            watch.text()
                            yield piece
                return
            except ModelError as error:
                past = await self._again(error, past, watch, deadline)

    def _finished(self, completion: Completion, past: tuple[Attempt, ...], watch: Watch) -> Completion:
        if completion.attempts and not past:
            return completion
        return replace(completion, attempts=(*past, *watch.done(completion)))

    async def _again(
        self, error: ModelError, past: tuple[Attempt, ...], watch: Watch, deadline: Deadline
    ) -> tuple[Attempt, ...]:
        """Wait until the next try and return the attempts so far; raise the error where there is to be none."""
        attempts = (*past, *watch.failed(error))
        wait_s = self._wait_s(error, len(attempts), deadline) if watch.first_text_ms is None else None
        if wait_s is None:
            error.attempts = attempts
            raise error
        await self.sleep(wait_s)
        return attempts

    def _wait_s(self, error: ModelError, made: int, deadline: Deadline) -> float | None:
        """Seconds until the next try, which is paid for; None for no further one."""
        if not isinstance(error, TransientModelError) or isinstance(error, NotAsked) or made >= self.tries:
            return None
        wish_s = (error.retry_after_s or 0.0) if self.ready_in_s is None else self.ready_in_s()
        if error.exhausted and (self.ready_in_s is None or wish_s > 0.0):
            return None  # no wait fills that account, and nobody else can be asked
        wait_s = max(self.jitter() * min(self.cap_s, self.base_s * 2.0 ** (made - 1)), wish_s)
        fits = wait_s <= self.max_wait_s and wait_s + self.useful_s <= deadline.remaining_s
        return wait_s if fits and self.budget.retry() else None
