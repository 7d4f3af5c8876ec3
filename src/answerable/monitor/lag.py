"""How late the event loop is: what keeps it busy keeps every question waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

EVERY_S = 1.0


async def watch_lag(
    took: Callable[[float], None],
    *,
    clock: Callable[[], float] | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Until it is cancelled: tell by how many seconds each timer came late."""
    now = clock or asyncio.get_running_loop().time
    while True:
        due = now() + EVERY_S
        await sleep(EVERY_S)
        took(max(0.0, now() - due))


@asynccontextmanager
async def watching_lag(took: Callable[[float], None]) -> AsyncIterator[None]:
    """The watch runs beside the block."""
    task = asyncio.create_task(watch_lag(took), name="lag")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
