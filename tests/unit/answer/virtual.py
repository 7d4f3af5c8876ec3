"""An event loop whose time passes only when nobody has anything to do: hours in milliseconds."""

from __future__ import annotations

import asyncio
import selectors
import types
from collections.abc import Coroutine
from typing import Any

import pytest

from answerable.core import deadline


class VirtualLoop(asyncio.SelectorEventLoop):
    """Sleeps take no time; they move the clock."""

    def __init__(self) -> None:
        super().__init__(_Selector(self))
        self.now = 1000.0

    def time(self) -> float:
        return self.now


class _Selector(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._virtual = loop

    def select(self, timeout: float | None = None):
        found = super().select(0)
        if not found and timeout:
            self._virtual.now += timeout
        return found


def run(work: Coroutine[Any, Any, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the work gives, on a clock that `Deadline` goes by as well."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        loop = runner.get_loop()
        with monkeypatch.context() as patch:
            patch.setattr(deadline, "time", types.SimpleNamespace(monotonic=loop.time))
            return runner.run(work)
