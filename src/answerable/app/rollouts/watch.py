"""Looks at the guards of each rollout while questions are served, and takes back what they say is worse."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field

from answerable.app.rollouts.live import Rollouts
from answerable.core.answer import Answer
from answerable.core.beside import beside
from answerable.core.errors import AnswerableError
from answerable.core.trace import Trace
from answerable.prompts.rollout import Rollout
from answerable.prompts.standing import Back, Served

log = logging.getLogger(__name__)

EVERY_S = 300.0  # feedback comes later than its answer
EVERY_ANSWERS = 50  # of this process, in a rollout
GUARDS = "guards"  # who takes it back, when nobody does


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What the guards say now. `worse`: the evidence is enough; then the metric, the persons and why."""

    worse: bool
    metric: str = ""
    n: int = 0  # persons that had the candidate
    reason: str = ""


Look = Callable[[Rollout, Sequence[str]], Awaitable[Looked]]
"""At the answers of these tenants."""
Turn = Callable[[str], AbstractAsyncContextManager[bool]]
"""Whether it is this process' turn to look at the rollout of that id: one at a time does."""
Suggest = Callable[[Served, Back], Awaitable[str]]
"""Puts a commit that takes the rollout out of the file where a person finds it, and says where."""


@asynccontextmanager
async def always(_: str) -> AsyncIterator[bool]:
    """The turn of a process that is alone."""
    yield True


@dataclass(slots=True, kw_only=True)
class RolloutWatch:
    """`answered` is told of every question, and returns at once."""

    rollouts: Rollouts
    look: Look
    suggest: Suggest
    turn: Turn = always
    tenants: set[str] = field(default_factory=set)  # whose answers count: home, and all seen here
    every_s: float = EVERY_S
    every_answers: int = EVERY_ANSWERS
    _answers: int = 0
    _due: asyncio.Event = field(default_factory=asyncio.Event)

    def answered(self, trace: Trace, answer: Answer) -> None:
        """Count the answers of rollouts; enough of them, and it is time to look."""
        if not trace.arms:
            return
        self.tenants.add(trace.tenant)
        self._answers += 1
        if self._answers >= self.every_answers:
            self._answers = 0
            self._due.set()

    async def look_once(self) -> list[str]:
        """Look at every rollout that somebody is given; the prompts whose rollout was taken back."""
        taken = []
        for served in list(self.rollouts.standing.served.values()):
            try:
                if await self._look_in_turn(served):
                    taken.append(served.rollout.prompt)
            except AnswerableError as error:  # a look that fails is one look less; the rollout stays watched
                log.warning("rollout of %s could not be looked at: %s", served.rollout.ref, error)
        return taken

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """While this is open, it looks every `every_s` seconds and after every `every_answers` answers."""
        async with beside(self._run(), name="rollout guards"):
            yield

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), self.every_s)
            self._due.clear()
            await self.look_once()

    async def _look_in_turn(self, served: Served) -> bool:
        async with self.turn(served.rollout.id) as mine:
            return mine and await self._look(served)

    async def _look(self, served: Served) -> bool:
        rollout = served.rollout
        await self.rollouts.refresh()
        if not rollout.guards or served.candidate is None or rollout.id in self.rollouts.standing.back:
            return False
        looked = await self.look(rollout, sorted(self.tenants))
        if not looked.worse:
            return False
        if not rollout.auto_rollback:
            self.rollouts.worse(rollout, metric=looked.metric, n=looked.n, reason=looked.reason)
            return False
        back = await self.rollouts.back(
            rollout.prompt, by=GUARDS, reason=looked.reason, metric=looked.metric, n=looked.n
        )
        log.warning("to keep it so in git: %s", await self.suggest(served, back))
        return True
