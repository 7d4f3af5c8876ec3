"""An LLM made of LLMs in order: the next answers when one does not, while there is time."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import (
    ConfigError,
    DeadlineExceeded,
    ModelError,
    TransientModelError,
)
from answerable.core.patience import Patience
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.llm.attempts import Watch, opened
from answerable.llm.commit import MAX_HELD_CHARS, Opening
from answerable.llm.run import Link, Run

_GRACE_S = 0.05  # a model that keeps its own time gives the better error


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
        run, patience = self._run(deadline), Patience()
        try:
            for place, link in run.open_links():
                limit_s, watch = run.share_s(place), run.watch(link.llm, link.model)
                try:
                    call = link.llm.complete(rendered, deadline=Deadline.after(limit_s))
                    completion = await patience.wait(call, limit_s + _GRACE_S)
                except (ModelError, DeadlineExceeded, TimeoutError) as error:
                    run.failed(error, watch, limit_s)
                else:
                    return run.finished(completion, watch, place=place)
        finally:
            patience.close()
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


async def _given(
    llm: LLM, rendered: Rendered, opening: Opening, watch: Watch, limit_s: float, rest_s: float
) -> AsyncGenerator[str | Completion, None]:
    """What one link gives out: held back up to its first sentence, which must come within `limit_s`.

    The link's stream is closed when the Completion is given on: what it held is free then. Raises
    TransientModelError when there is no Completion.
    """
    commit, until = Deadline.after(limit_s), Deadline.after(rest_s)
    stream, patience = llm.stream(rendered, deadline=until), Patience()
    completion: Completion | None = None
    try:
        async with opened(stream):
            while completion is None:
                limit_s = until.remaining_s + _GRACE_S if opening.given else commit.remaining_s
                piece = await patience.wait(anext(stream, None), limit_s)
                if piece is None:
                    raise TransientModelError(f"{watch.provider} ended without a completion")
                if isinstance(piece, Completion):
                    completion = piece
                elif piece:
                    watch.text()
                    if text := opening.take(piece):
                        yield text
    finally:
        patience.close()
    if text := opening.release():
        yield text
    yield completion
