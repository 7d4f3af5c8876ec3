"""Answers with JSON that ends in the middle, while the HTTP around it is in order."""

from __future__ import annotations

from dataclasses import dataclass, field

from answerable.testing.model_server.behaviors.behavior import Speaker
from answerable.testing.model_server.behaviors.cite import Cite
from answerable.testing.model_server.dialect import sse
from answerable.testing.model_server.exchange import Exchange

_HALF = (
    '{"id": "scripted", "type": "content_block_delta", "choices": [{"index": 0, "delta": {"content": "You can re'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncated:
    """Half a JSON object: as the body, or as the second event of a stream."""

    say: Speaker = field(default_factory=Cite)

    async def perform(self, exchange: Exchange) -> None:
        """Send half."""
        responder = exchange.responder
        if not exchange.prompt.stream:
            return await responder.whole(200, _HALF.encode(), {"content-type": "application/json"})
        await responder.begin()
        await responder.write(exchange.dialect.opening(exchange.prompt))
        await responder.write(sse(_HALF))
        await responder.end()
