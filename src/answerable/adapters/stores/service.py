"""What the adapters of all vector services do alike: find their client, wait when told to, cut into batches."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from importlib import import_module
from types import ModuleType
from typing import TypeVar

from answerable.core.errors import ConfigError, Unreachable

T = TypeVar("T")
_LONGEST_WAIT_S = 20.0
_ATTEMPTS = 4


class Busy(Unreachable):
    """The service asks to be left alone for a while, or is down for one: worth another attempt of a write."""

    def __init__(self, message: str, *, hint: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


def client_module(name: str, *, extra: str) -> ModuleType:
    """An optional client library. Raises ConfigError naming the extra that brings it."""
    try:
        return import_module(name)
    except ImportError as error:
        raise ConfigError(
            f"the store needs {name.partition('.')[0]}, which is not installed",
            hint=f"pip install 'answerable[{extra}]'",
        ) from error


async def patiently(write: Callable[[], Awaitable[T]]) -> T:
    """A write, again while the service is busy: as long after as it asks for, else with growing pauses.

    Only for what may be done twice. Raises the last Busy after four attempts.
    """
    for attempt in range(1, _ATTEMPTS):
        try:
            return await write()
        except Busy as busy:
            jittered = random.uniform(0.0, 0.2 * 2**attempt)
            asked = busy.retry_after_s if busy.retry_after_s is not None else jittered
            await asyncio.sleep(min(asked, _LONGEST_WAIT_S))
    return await write()


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """In order, each of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def seconds(header: str | None) -> float | None:
    """A Retry-After header in seconds; None where it is absent or a date."""
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None
