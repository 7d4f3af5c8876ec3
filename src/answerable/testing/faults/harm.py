"""How a fault strikes: what it raises, how long it hangs, which nonsense it gives."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field

from answerable.testing.faults.fault import Fault


class UnforeseenError(Exception):
    """What no port may raise: the harder form of an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """One fault as a wrapper does it. Times in seconds."""

    fault: Fault
    slow_s: float = 1.0  # how much longer than usual
    variant: str = ""  # which nonsense, of those the wrapper knows; empty: its first
    error: Exception | None = None  # in the place of what the port's adapters raise
    stubborn: bool = False  # a hang is that of a thread, which nobody can stop; until `release` is set
    release: threading.Event = field(default_factory=threading.Event)

    async def strike(self, usual: Exception) -> None:
        """Raise, hang or dawdle; nothing for the faults that are in what is given back."""
        if self.fault is Fault.ERROR:
            raise self.error or usual
        if self.fault is Fault.TIMEOUT:
            await self._hang()
        if self.fault is Fault.SLOW:
            await asyncio.sleep(self.slow_s)

    async def _hang(self) -> None:
        if self.stubborn:
            await asyncio.to_thread(self.release.wait)
        else:
            await asyncio.Event().wait()
