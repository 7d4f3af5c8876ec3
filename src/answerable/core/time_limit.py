"""A time limit on one wait after another, with one timer for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

T = TypeVar("T")

LATE = "answerable: out of time"  # the message of a cancellation that is a time limit's


def timed_out(error: BaseException) -> bool:
    """Whether an end is that of a time limit: what was waited for was too slow, and nobody gave it up."""
    return isinstance(error, asyncio.CancelledError) and error.args == (LATE,)


class TimeLimit:
    """What `asyncio.timeout` does, for a stream of many short waits: a wait sets no timer of its own where one is
    set already. Between `start` and `stop` the current task waits; past the time it is cancelled, and `ran_out`
    tells that from a cancellation by somebody else. Times are the event loop's, in seconds. Close it in the end.
    """

    __slots__ = ("_cancelling", "_handle", "_late", "_loop", "_task", "_until")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[Any] | None = None
        self._until = 0.0
        self._cancelling = 0
        self._late = False

    def at(self, seconds: float) -> float:
        """The time in so many seconds."""
        return self._loop.time() + seconds

    def start(self, until: float) -> None:
        """A wait begins, which may last until then."""
        self._until = until
        if self._handle is None or self._handle.when() > until:
            self._set(until)
        self._task = task = asyncio.current_task(self._loop)
        self._cancelling = task.cancelling() if task else 0

    def stop(self) -> None:
        """It has ended."""
        if self._late and self._task is not None:  # somebody inside took the cancellation for their own
            self._task.uncancel()
        self._task, self._late = None, False

    def ran_out(self) -> bool:
        """Whether the CancelledError at hand is the time limit's; the task is then as if it had not been."""
        task, self._task = self._task, None
        late, self._late = self._late, False
        return late and task is not None and task.uncancel() <= self._cancelling

    async def wait(self, what: Awaitable[T], seconds: float) -> T:
        """Its result. Raises TimeoutError when it does not come in so many seconds."""
        self.start(self.at(seconds))
        try:
            return await what
        except asyncio.CancelledError as error:
            if self.ran_out():
                raise TimeoutError from error
            raise
        finally:
            self.stop()

    def close(self) -> None:
        """Set no timer any more."""
        self._task = None
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
