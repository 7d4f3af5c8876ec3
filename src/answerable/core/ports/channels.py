"""Where messages go."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from answerable.core.alert import Notice


class Channel(Protocol):
    """One way to somebody outside. A message may come twice; its id tells."""

    async def send(self, notice: Notice, *, now: datetime) -> None:
        """Raises Unreachable where trying again may help, and ConfigError where it cannot."""
        ...
