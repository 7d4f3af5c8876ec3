"""A computation in a thread that holds up nothing: not the event loop, not a cancellation, not the process's end.

`asyncio.to_thread` is not for what may take minutes: a cancelled run, and then the interpreter, wait for threads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from threading import Thread
from typing import TypeVar

from answerable.core.patience import Patience

T = TypeVar("T")


async def apart(work: Callable[[], T], patience: Patience) -> T:
    """What `work` gives or raises. Cancelled, this returns at once, and `work` ends at its next `go_on`."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(outcome: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(lambda: None if future.done() else outcome())

    def run() -> None:
        patience.begin()
        try:
            result = work()
        except BaseException as exc:  # noqa: BLE001 - it is raised where it is waited for
            error = exc
            settle(lambda: future.set_exception(error))
        else:
            settle(lambda: future.set_result(result))

    Thread(target=copy_context().run, args=(run,), name="ingest", daemon=True).start()
    try:
        return await future
    finally:
        patience.left = True
