"""Work that goes on beside a block: it begins with the block, and is cancelled at its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

log = logging.getLogger(__name__)


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None], *, name: str) -> AsyncIterator[None]:
    """`name` is the task's. An error of the work is logged as it happens, and raised at the block's end."""
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_told)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _told(task: asyncio.Task[None]) -> None:
    """Who serves for weeks must not learn only at the end that nobody watches any more."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("%s has ended and is not begun anew before a restart", task.get_name(), exc_info=error)
