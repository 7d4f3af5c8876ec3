"""How much a computation may cost that no other process bounds, and whether anybody still waits for it.

Who starts it sets a Patience; long loops inside of it call `go_on`. Outside of one that call does nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

from answerable.core.errors import DeadlineExceeded

_patience: ContextVar[Patience | None] = ContextVar("answerable_patience", default=None)


@dataclass(slots=True, kw_only=True)
class Patience:
    """For one thread, in seconds of its own CPU: a busy machine takes nothing from it, nor does waiting."""

    cpu_s: float
    clock: Callable[[], float] = time.thread_time
    left: bool = field(default=False, init=False)  # nobody waits any more; any thread may say so
    _until: float = field(init=False, default=0.0)

    def begin(self) -> None:
        """From now on, in the calling thread and its context."""
        self._until = self.clock() + self.cpu_s
        _patience.set(self)

    @property
    def is_over(self) -> bool:
        """Whether the computation is to end."""
        return self.left or self.clock() > self._until


def go_on() -> None:
    """Raises DeadlineExceeded when the patience with this computation is over."""
    patience = _patience.get()
    if patience is not None and patience.is_over:
        raise DeadlineExceeded(f"it takes more than {patience.cpu_s:g} s of CPU")
