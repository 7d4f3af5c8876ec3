"""One timer for many waits; whose cancellation it was is never mixed up."""

from __future__ import annotations

import asyncio

import pytest

from answerable.core.time_limit import TimeLimit, timed_out


async def test_what_comes_in_time_comes_and_what_does_not_times_out():
    limit = TimeLimit()
    assert await limit.wait(asyncio.sleep(0, "in time"), 60.0) == "in time"
    with pytest.raises(TimeoutError):
        await limit.wait(asyncio.Event().wait(), 0.01)
    assert await limit.wait(asyncio.sleep(0, "again"), 60.0) == "again"
    limit.close()


async def test_a_shorter_wait_after_a_longer_one_is_kept_and_the_other_way_round():
    limit = TimeLimit()
    await limit.wait(asyncio.sleep(0), 60.0)
    with pytest.raises(TimeoutError):
        await limit.wait(asyncio.Event().wait(), 0.01)
    await limit.wait(asyncio.sleep(0), 0.001)
    await limit.wait(asyncio.sleep(0.01), 60.0)  # the first timer rings in the middle and lets it be
    limit.close()


async def test_a_timer_that_rings_while_nobody_waits_does_nothing():
    limit = TimeLimit()
    await limit.wait(asyncio.sleep(0), 0.001)
    await asyncio.sleep(0.01)
    assert await limit.wait(asyncio.sleep(0, "well"), 60.0) == "well"
    limit.close()


async def test_a_cancellation_by_somebody_else_stays_one():
    limit = TimeLimit()
    seen: list[bool] = []

    async def waits() -> None:
        try:
            await limit.wait(asyncio.Event().wait(), 60.0)
        except asyncio.CancelledError as error:
            seen.append(timed_out(error))
            raise

    task = asyncio.create_task(waits())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == [False]
    limit.close()


async def test_what_waits_inside_can_tell_a_time_limit_from_being_given_up():
    seen: list[bool] = []

    async def inside() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as error:
            seen.append(timed_out(error))
            raise

    limit = TimeLimit()
    with pytest.raises(TimeoutError):
        await limit.wait(inside(), 0.01)
    assert seen == [True]
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    limit.close()


async def test_it_works_inside_of_asyncios_own_time_limits():
    limit = TimeLimit()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await limit.wait(asyncio.Event().wait(), 60.0)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(60.0):
            await limit.wait(asyncio.Event().wait(), 0.01)
    limit.close()


async def test_a_cancellation_that_was_taken_inside_leaves_the_task_as_it_was():
    async def stubborn() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "late"

    limit = TimeLimit()
    assert await limit.wait(stubborn(), 0.01) == "late"
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    limit.close()
