"""Work beside a block: begun with it, ended with it, and loud when it fails."""

from __future__ import annotations

import asyncio

import pytest

from answerable.core.beside import beside


async def test_work_is_called_off_at_the_end_of_the_block() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with beside(work(), name="watch"):
        await asyncio.sleep(0)
        assert not ended.is_set()
    assert ended.is_set()


async def test_an_error_is_told_as_it_happens_and_raised_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        raise ZeroDivisionError("nothing to divide by")

    with pytest.raises(ZeroDivisionError):
        async with beside(work(), name="rollout guards"):
            while not caplog.records:
                await asyncio.sleep(0)
            assert "rollout guards has ended" in caplog.text
