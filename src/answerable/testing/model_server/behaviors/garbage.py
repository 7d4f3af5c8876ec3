"""Answers with bytes that mean nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from answerable.testing.model_server.exchange import Exchange

_NOISE = bytes(range(128, 256)) * 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbage:
    """`body`: 200 OK with noise inside (within a stream: as an event). `http`: not even HTTP."""

    form: Literal["body", "http"] = "body"

    async def perform(self, exchange: Exchange) -> None:
        """Send noise."""
        responder = exchange.responder
        if self.form == "http":
            await responder.raw(_NOISE + b"\r\n\r\n")
            responder.hang_up()
        elif exchange.prompt.stream:
            await responder.begin()
            await responder.write(b"data: " + _NOISE + b"\n\n")
            await responder.end()
        else:
            await responder.whole(200, _NOISE, {"content-type": "application/json"})
