"""Lets the client wait before the first byte."""

from __future__ import annotations

from dataclasses import dataclass, field

from answerable.testing.model_server.behaviors.behavior import Speaker
from answerable.testing.model_server.behaviors.cite import Cite
from answerable.testing.model_server.exchange import Delivery, Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow:
    """Nothing for `first_s` seconds, then a normal reply."""

    first_s: float = 3.0
    say: Speaker = field(default_factory=Cite)

    async def perform(self, exchange: Exchange) -> None:
        """Wait, then answer."""
        await exchange.reply(self.say.text(exchange.prompt), Delivery(first_s=self.first_s))
