"""How the time of a request is shared: what each step may take, what it leaves to the others, its cheaper form."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from answerable.core import degraded
from answerable.core.deadline import DEFAULT_S, Deadline

A = TypeVar("A")
MOST_KEPT = 0.25  # of the whole time: a request with little of it must not keep all of it for later
GRACE_S = 0.02  # what a step that was called off has to let go of what it holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One step. Seconds, for a request of the default deadline; a longer one gives as much more."""

    step: str
    at_most: float
    keep: float  # for the steps after it
    cheaper: str = ""  # the word in `degraded` when it has to do without; empty: see the comment
    needed: bool = True  # without it there is no answer, so it keeps less in a request that has little time


# The reasons and the measured times: docs/decisions/0159-shares-of-the-deadline.md
SHARES = (
    Share(step="guard_question", at_most=1.5, keep=0.6),  # each guard's own word: open goes on, closed stops
    Share(step="rewrite", at_most=0.8, keep=2.0, cheaper=degraded.NO_REWRITE, needed=False),
    Share(step="decompose", at_most=0.8, keep=2.0, cheaper=degraded.NO_DECOMPOSE, needed=False),
    Share(step="search", at_most=2.4, keep=0.7, cheaper=degraded.LEXICAL_ONLY),
    Share(step="embed", at_most=2.0, keep=0.5, cheaper=degraded.LEXICAL_ONLY, needed=False),
    Share(step="dense", at_most=2.0, keep=0.5, cheaper=degraded.LEXICAL_ONLY, needed=False),
    Share(step="lexical", at_most=2.0, keep=0.75, cheaper=degraded.DENSE_ONLY),
    Share(step="search_by_one", at_most=0.8, keep=0.4),  # an earlier reply, or `failed` with ways on
    Share(step="rerank", at_most=2.0, keep=0.4, cheaper=degraded.NO_RERANK, needed=False),
    Share(step="sections", at_most=0.5, keep=0.4, cheaper=degraded.NO_SECTIONS, needed=False),
    Share(step="conflicts", at_most=0.5, keep=0.4, cheaper=degraded.NO_RECORDED_CONFLICTS, needed=False),
    Share(step="first_sentence", at_most=4.0, keep=0.3),  # an earlier reply, or quotes
    Share(step="further_sentences", at_most=4.0, keep=0.1, cheaper=degraded.CUT_SHORT),
    Share(step="verify", at_most=0.5, keep=0.05, cheaper=degraded.QUOTES_ONLY),  # of one sentence
    Share(step="guard_answer", at_most=0.5, keep=0.05),  # each guard's own word, as above
    Share(step="earlier", at_most=0.15, keep=0.15),  # quotes
    Share(step="quotes", at_most=1.5, keep=0.05),  # `failed` with ways on
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All shares of a request. `first_text_s` is the aim for the first sentence; re-ranking gives way to it."""

    shares: tuple[Share, ...] = SHARES
    first_text_s: float = 2.0
    first_token_s: float = 1.2  # of the aim, what is left to the model
    rerank_least_s: float = 0.3  # re-ranking may take so much even when the aim is missed

    def share(self, step: str) -> Share:
        """The share of a step. Raises KeyError for one that is not in the plan."""
        try:
            return next(one for one in self.shares if one.step == step)
        except StopIteration:
            raise KeyError(step) from None

    def kept_s(self, step: str, deadline: Deadline) -> float:
        """What the step leaves to those after it."""
        one = self.share(step)
        return min(one.keep, MOST_KEPT * deadline.total_s) if one.needed else one.keep

    def seconds(self, step: str, deadline: Deadline) -> float:
        """What the step may take from now on; 0 where it has to take its cheaper form at once."""
        longer = max(1.0, deadline.total_s / DEFAULT_S)
        allowed = deadline.share(at_most_s=self.share(step).at_most * longer, keep_s=self.kept_s(step, deadline))
        if step != "rerank":
            return allowed
        spent = deadline.total_s - deadline.remaining_s
        aim = (self.first_text_s - self.first_token_s) * longer - spent
        return min(allowed, max(aim, self.rerank_least_s * longer))

    async def within(self, step: str, deadline: Deadline, work: Coroutine[Any, Any, A]) -> A:
        """What the step's work gives, or TimeoutError when its share is over, whatever the work does then."""
        return await within(self.seconds(step, deadline), work)


SHIPPED = Plan()


async def within(seconds: float, work: Coroutine[Any, Any, A]) -> A:
    """What the work gives. Raises TimeoutError after `seconds`, also when the work ignores its cancellation."""
    if seconds <= 0.0:
        work.close()
        raise TimeoutError
    task = asyncio.ensure_future(work)
    task.add_done_callback(_heard)  # also where whoever waits is called off just as it fails
    try:
        await asyncio.wait({task}, timeout=seconds)
        if task.done():
            return task.result()
    finally:
        if not task.done():
            await called_off(task)
    raise TimeoutError


async def called_off(task: asyncio.Task[Any]) -> None:
    """Cancelled, with a moment to let go of what it holds; what it still says after that is nobody's."""
    task.add_done_callback(_heard)
    task.cancel()
    await asyncio.wait({task}, timeout=GRACE_S)


def _heard(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()
