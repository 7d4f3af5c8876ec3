"""An LLM made of LLMs in order: the next answers when one does not, while there is time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import ConfigError, DeadlineExceeded, ModelError
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.core.time_limit import TimeLimit
from answerable.llm.attempts import opened
from answerable.llm.commit import MAX_HELD_CHARS, Opening
from answerable.llm.run import Link, Run
from answerable.llm.turn import GRACE_S, Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Transient errors go on to the next link, and so does a budget that is spent: the next may cost nothing. A
    permanent error (bad request, bad key, refusal, too long) does not.

    No other model is asked what one has refused: `last_resort`, which asks no model, answers then, as it does when
    every link has failed; with `stops_unpaid` it does not where money was the cause. A stream may change its model
    unseen until its first sentence is complete; if it breaks later, the error carries what was given out in
    `partial`. `last_resort_s` of the deadline is kept for the last resort. Without one, `bypass` is asked where
    all links are left alone: rather the one that fails than nobody. A `drawn` chain begins with one by weight.
    Decisions: docs/decisions/0037-*.md, 0149-*.md.
    """

    links: tuple[Link, ...]
    last_resort: LLM | None = None
    last_resort_s: float = 0.3
    bypass: Link | None = None
    drawn: bool = False
    stops_unpaid: bool = False
    name: str = "chain"
    held_chars: int = MAX_HELD_CHARS
    random: Callable[[], float] = random.random

    def __post_init__(self) -> None:
        if not self.links and self.last_resort is None:
            raise ConfigError("a chain needs at least one provider or `extractive`", hint="set route.chain")

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """The first reply.

        Raises ModelUnreachable, PermanentModelError, BudgetExceeded or DeadlineExceeded, with the attempts.
        """
        run, limit = self._run(deadline), TimeLimit()
        try:
            for place, link in run.open_links():
                limit_s, watch = run.share_s(place), run.watch(link.llm, link.model)
                try:
                    call = link.llm.complete(rendered, deadline=Deadline.after(limit_s))
                    completion = await limit.wait(call, limit_s + GRACE_S)
                except (ModelError, DeadlineExceeded, TimeoutError) as error:
                    run.failed(error, watch, limit_s)
                else:
                    return run.finished(completion, watch, place=place)
        finally:
            limit.close()
        return await self._last_word(rendered, run)

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncGenerator[str | Completion, None]:
        """The first reply that completes a sentence. Raises as `complete` does, later with `partial`."""
        run, limit = self._run(deadline), TimeLimit()
        try:
            for place, link in run.open_links():
                turn = Turn(run=run, place=place, link=link, limit=limit, opening=self._opening(rendered))
                try:
                    async with opened(link.llm.stream(rendered, deadline=turn.until)) as pieces:
                        turn.wait()
                        async for piece in pieces:
                            if text := turn.take(piece):
                                yield text
                            if turn.completion is not None:
                                break
                            turn.wait()
                except (ModelError, DeadlineExceeded, asyncio.CancelledError) as error:
                    turn.failed(error)
                if completion := turn.finished():
                    yield completion
                    return
        finally:
            limit.close()
        completion = await self._last_word(rendered, run)
        yield completion.text
        yield completion

    def _opening(self, rendered: Rendered) -> Opening:
        return Opening(language=rendered.language, max_chars=self.held_chars)

    def _run(self, deadline: Deadline) -> Run:
        after_s = self.last_resort_s if self.last_resort is not None else 0.0
        links = self._drawn() if self.drawn else self.links
        bypass = self.bypass if self.last_resort is None else None
        return Run(links=links, deadline=deadline, after_s=after_s, bypass=bypass)

    def _drawn(self) -> tuple[Link, ...]:
        """The links in order, with one of them first: by weight."""
        left = self.random() * sum(link.weight for link in self.links)
        for i, link in enumerate(self.links):
            left -= link.weight
            if left < 0.0:
                return (link, *self.links[:i], *self.links[i + 1 :])
        return self.links

    async def _last_word(self, rendered: Rendered, run: Run) -> Completion:
        if self.last_resort is None:
            raise run.verdict()
        if self.stops_unpaid and run.unaffordable is not None:
            run.unaffordable.attempts = run.attempts
            raise run.unaffordable
        watch = run.watch(self.last_resort)
        try:
            completion = await self.last_resort.complete(rendered, deadline=run.deadline)
        except (ModelError, DeadlineExceeded) as error:
            run.failed(error, watch, run.rest_s())
            raise run.verdict() from error
        return run.quoted(completion, watch)
