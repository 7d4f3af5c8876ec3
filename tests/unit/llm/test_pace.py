"""The time limits of a stream: one timer, an error that says which limit, and nobody else's cancellation taken."""

from __future__ import annotations

import asyncio

import pytest

from answerable.adapters.models.pace import Pace
from answerable.adapters.models.provider import Provider, Times
from answerable.core.deadline import Deadline
from answerable.core.errors import DeadlineExceeded, TransientModelError


def pace(
    *, first_s: float = 60.0, between_s: float = 60.0, total_s: float = 60.0, deadline_s: float = 60.0
) -> Pace:
    times = Times(connect_s=1.0, first_token_s=first_s, between_tokens_s=between_s, total_s=total_s)
    provider = Provider(
        name="p", kind="openai-compatible", base_url="http://127.0.0.1:9/v1", model="m", times=times
    )
    return Pace(provider=provider, deadline=Deadline.after(deadline_s))


async def pieces_then_silence(pace: Pace, pieces: int) -> None:
    with pace:
        pace.wait()
        for _ in range(pieces):
            await asyncio.sleep(0)
            pace.came()
            pace.wait()
        await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("limits", "pieces", "expected", "says"),
    [
        ({"first_s": 0.01}, 0, TransientModelError, "no first text within 0.01 s"),
        ({"between_s": 0.01}, 3, TransientModelError, "no further text within 0.01 s"),
        ({"total_s": 0.01}, 3, TransientModelError, "no whole reply within 0.01 s"),
        ({"deadline_s": 0.01}, 3, DeadlineExceeded, "had not replied"),
    ],
)
async def test_silence_past_a_limit_is_an_error_that_says_which(limits, pieces, expected, says):
    with pytest.raises(expected, match=says):
        await pieces_then_silence(pace(**limits), pieces)
    assert asyncio.current_task().cancelling() == 0


async def test_a_cancellation_by_somebody_else_goes_through():
    task = asyncio.create_task(pieces_then_silence(pace(), 3))
    for _ in range(9):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_stream_of_many_pieces_sets_one_timer(monkeypatch):
    loop, timers = asyncio.get_running_loop(), []
    call_at = loop.call_at
    monkeypatch.setattr(
        loop, "call_at", lambda when, *rest, **more: timers.append(call_at(when, *rest, **more)) or timers[-1]
    )
    with pace() as kept:
        for _ in range(100):
            kept.wait()
            await asyncio.sleep(0)
            kept.came()
    assert len(timers) == 1
    assert timers[0].cancelled()
