"""An LLM that lets only so many calls through at once; the others wait their turn, but not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import NotAsked
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.llm.attempts import opened

QUEUE_S = 0.5  # docs/decisions/0037-*.md


class Limited:
    """At most `permits` calls under way; a stream holds its permit until it ends or is closed.

    First come, first served. A call that would wait longer than `queue_s`, or half of the time it has left, is
    turned away with a NotAsked, so that another provider can still answer in time.
    """

    def __init__(self, llm: LLM, *, permits: int, queue_s: float = QUEUE_S) -> None:
        if permits < 1:
            raise ValueError("permits must be at least 1")
        self._llm = llm
        self._permits = permits
        self._queue_s = queue_s
        self._semaphore = asyncio.Semaphore(permits)

    @property
    def name(self) -> str:
        """The name of the model behind."""
        return self._llm.name

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """The reply. Raises NotAsked when there is no room."""
        await self._enter(deadline)
        try:
            return await self._llm.complete(rendered, deadline=deadline)
        finally:
            self._semaphore.release()

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncGenerator[str | Completion, None]:
        """The reply in pieces. Raises NotAsked when there is no room."""
        completion: Completion | None = None
        await self._enter(deadline)
        try:
            async with opened(self._llm.stream(rendered, deadline=deadline)) as stream:
                async for piece in stream:
                    if isinstance(piece, Completion):
                        completion = piece
                        break
                    yield piece
        finally:
            self._semaphore.release()
        if completion is not None:  # given without the permit: whoever reads it may take its time
            yield completion

    async def _enter(self, deadline: Deadline) -> None:
        if not self._semaphore.locked():
            await self._semaphore.acquire()  # does not wait: no timer is needed
            return
        try:
            async with asyncio.timeout(min(self._queue_s, deadline.remaining_s / 2)):
                await self._semaphore.acquire()
        except TimeoutError as exc:
            raise NotAsked(
                f"{self.name} is busy: {self._permits} calls are under way", hint="raise its max_concurrency"
            ) from exc
