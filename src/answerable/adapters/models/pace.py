"""Time limits of a call: until the first text, between two pieces, and in all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from typing import TypeVar

from answerable.adapters.models.provider import Provider
from answerable.core.deadline import Deadline
from answerable.core.errors import AnswerableError, DeadlineExceeded, TransientModelError

T = TypeVar("T")


async def within(call: Awaitable[T], *, provider: Provider, deadline: Deadline) -> T:
    """The call's result. Raises TransientModelError past the provider's time, DeadlineExceeded past our own."""
    limit = provider.times.total_s
    try:
        async with asyncio.timeout(min(limit, deadline.remaining_s)):
            return await call
    except TimeoutError as exc:
        raise _late(provider, deadline, f"no reply within {limit:g} s") from exc


async def paced(
    pieces: AsyncGenerator[T, None], *, provider: Provider, deadline: Deadline
) -> AsyncGenerator[T, None]:
    """The pieces. Raises TransientModelError when the provider is too slow, DeadlineExceeded past the deadline.

    Only what is a piece counts: a server that keeps the line alive without saying anything is slow too. An empty
    piece is a sign of life (a model that shows its reasoning) and goes no further.
    """
    times = provider.times
    whole = Deadline.after(min(times.total_s, deadline.remaining_s))
    limit, waiting_for = times.first_token_s, "first text"
    async with aclosing(pieces):
        while True:
            try:
                async with asyncio.timeout(min(limit, whole.remaining_s)):
                    piece = await anext(pieces)
            except StopAsyncIteration:
                return
            except TimeoutError as exc:
                raise _late(provider, deadline, f"no {waiting_for} within {limit:g} s") from exc
            if piece != "":
                yield piece
            limit, waiting_for = times.between_tokens_s, "further text"


def _late(provider: Provider, deadline: Deadline, what: str) -> AnswerableError:
    if deadline.over:
        return DeadlineExceeded(f"{provider.name} had not replied when the time was over")
    return TransientModelError(f"{provider.name}: {what}", hint="raise its time limits, or ask another provider")
