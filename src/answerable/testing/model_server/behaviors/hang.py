"""Takes the request and never answers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from answerable.testing.model_server.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Hang:
    """Until the client leaves or the server stops."""

    async def perform(self, exchange: Exchange) -> None:
        """Wait for ever."""
        await asyncio.Event().wait()
