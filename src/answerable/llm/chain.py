"""An LLM made of LLMs in order: the next answers when one does not, while there is time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import ConfigError, DeadlineExceeded, ModelError
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.llm.attempts import Watch, opened, watched
from answerable.llm.commit import MAX_HELD_CHARS, Opening
from answerable.llm.run import Link, Run

_GRACE_S = 0.05  # a model that keeps its own time gives the better error


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Transient errors go on to the next link. A permanent one (bad request, bad key, refusal, too long) does not.

    No other model is asked what one has refused: `last_resort`, which asks no model, answers then, as it does when
    every link has failed. A stream may change its model unseen until its first sentence is complete; if it breaks
    later, the error carries what was given out in `partial`. `last_resort_s` of the deadline is kept for the last
    resort. Decisions: docs/decisions/0037-*.md.
    """

    links: tuple[Link, ...]
    last_resort: LLM | None = None
    last_resort_s: float = 0.3
    name: str = "chain"
    held_chars: int = MAX_HELD_CHARS

    def __post_init__(self) -> None:
        if not self.links and self.last_resort is None:
            raise ConfigError("a chain needs at least one provider or `extractive`", hint="set route.chain")

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """The first reply. Raises ModelUnreachable, PermanentModelError or DeadlineExceeded, with the attempts."""
        run = self._run(deadline)
        for place, link in run.open_links():
            limit_s, watch = run.share_s(place), run.watch(link.llm, link.model)
            try:
                async with asyncio.timeout(limit_s + _GRACE_S):
                    completion = await link.llm.complete(rendered, deadline=Deadline.after(limit_s))
            except (ModelError, DeadlineExceeded, TimeoutError) as error:
                run.failed(error, watch, limit_s)
            else:
                return run.finished(completion, watch, place=place)
        return await self._last_word(rendered, run)

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncGenerator[str | Completion, None]:
        """The first reply that completes a sentence. Raises as `complete` does, later with `partial`."""
        run = self._run(deadline)
        for place, link in run.open_links():
            limit_s, watch = run.share_s(place), run.watch(link.llm, link.model)
            opening = Opening(language=rendered.language, max_chars=self.held_chars)
            try:
                async with opened(_given(link.llm, rendered, opening, watch, limit_s, run.rest_s())) as pieces:
                    async for piece in pieces:
                        yield run.finished(piece, watch, place=place) if isinstance(piece, Completion) else piece
                return
            except (ModelError, DeadlineExceeded, TimeoutError) as error:
                run.failed(error, watch, limit_s)
                if opening.given:
                    raise run.broken(opening.given) from error
        completion = await self._last_word(rendered, run)
        yield completion.text
        yield completion

    def _run(self, deadline: Deadline) -> Run:
        after_s = self.last_resort_s if self.last_resort is not None else 0.0
        return Run(links=self.links, deadline=deadline, after_s=after_s)

    async def _last_word(self, rendered: Rendered, run: Run) -> Completion:
        if self.last_resort is None:
            raise run.verdict()
        watch = run.watch(self.last_resort)
        try:
            completion = await self.last_resort.complete(rendered, deadline=run.deadline)
        except (ModelError, DeadlineExceeded) as error:
            run.failed(error, watch, run.rest_s())
            raise run.verdict() from error
        return run.finished(completion, watch, place=len(self.links))


async def _given(
    llm: LLM, rendered: Rendered, opening: Opening, watch: Watch, limit_s: float, rest_s: float
) -> AsyncGenerator[str | Completion, None]:
    """What one link gives out: held back up to its first sentence, which must come within `limit_s`."""
    commit, until = Deadline.after(limit_s), Deadline.after(rest_s)
    stream = watched(llm.stream(rendered, deadline=until), watch)
    async with opened(stream):
        while True:
            piece = await _next(stream, until.remaining_s + _GRACE_S if opening.given else commit.remaining_s)
            if piece is None:
                return
            text = opening.release() if isinstance(piece, Completion) else opening.take(piece)
            if text:
                yield text
            if isinstance(piece, Completion):
                yield piece


async def _next(stream: AsyncIterator[str | Completion], limit_s: float) -> str | Completion | None:
    """The next piece, None at the end. Raises TimeoutError when it does not come in time."""
    async with asyncio.timeout(limit_s):
        return await anext(stream, None)
