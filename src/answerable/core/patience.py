"""A time limit on one wait after another, with one timer for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")

LATE = "answerable: out of time"  # the message of a cancellation that is a time limit's


def timed_out(error: BaseException) -> bool:
    """Whether an end is that of a time limit: what was waited for was too slow, and nobody gave it up."""
    return isinstance(error, asyncio.CancelledError) and error.args == (LATE,)


class Patience:
    """What `asyncio.timeout` does, for a stream of many short waits: a wait sets no timer of its own where one is
    set already. Waits are one after the other, in any task. Close it in the end.
    """

    __slots__ = ("_handle", "_late", "_loop", "_task", "_until")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[object] | None = None
        self._until = 0.0
        self._late = False

    async def wait(self, what: Awaitable[T], seconds: float) -> T:
        """Its result. Raises TimeoutError when it does not come in so many seconds."""
        self._until = until = self._loop.time() + seconds
        if self._handle is None or self._handle.when() > until:
            self._set(until)
        task = asyncio.current_task()
        cancelling = task.cancelling() if task else 0
        self._task, self._late = task, False
        try:
            return await what
        except asyncio.CancelledError as error:
            if self._late and task is not None and task.uncancel() <= cancelling:
                self._late = False
                raise TimeoutError from error
            raise
        finally:
            self._task = None

    def close(self) -> None:
        """Set no timer any more."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _set(self, when: float) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._handle = self._loop.call_at(when, self._ring)

    def _ring(self) -> None:
        self._handle = None
        if self._task is None:
            return  # nobody waits; the next wait sets a timer
        if self._loop.time() < self._until:
            self._set(self._until)
            return
        self._late = True
        self._task.cancel(LATE)
