"""Begins well and reports an error in the middle."""

from __future__ import annotations

from dataclasses import dataclass, field

from answerable.testing.model_server.behaviors.behavior import Speaker
from answerable.testing.model_server.behaviors.cite import Cite
from answerable.testing.model_server.exchange import Delivery, Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class LateError:
    """An error event in a stream after `after` characters; without a stream, an error with status 200."""

    after: int = 40
    status: int = 500
    message: str = "The server had an error while processing your request."
    say: Speaker = field(default_factory=Cite)

    async def perform(self, exchange: Exchange) -> None:
        """Say a part, then fail."""
        fault = (self.status, self.message)
        delivery = Delivery(stop_after=self.after, ending="fails", fault=fault)
        await exchange.reply(self.say.text(exchange.prompt), delivery)
