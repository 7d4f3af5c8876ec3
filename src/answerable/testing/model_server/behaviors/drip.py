"""Hands a reply over a few characters at a time."""

from __future__ import annotations

from dataclasses import dataclass, field

from answerable.testing.model_server.behaviors.behavior import Speaker
from answerable.testing.model_server.behaviors.cite import Cite
from answerable.testing.model_server.exchange import Delivery, Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Drip:
    """`chars` characters every `interval_s` seconds, after `first_s` seconds of nothing."""

    chars: int = 8
    interval_s: float = 0.05
    first_s: float = 0.0
    say: Speaker = field(default_factory=Cite)

    async def perform(self, exchange: Exchange) -> None:
        """Answer slowly."""
        delivery = Delivery(first_s=self.first_s, chars=self.chars, interval_s=self.interval_s)
        await exchange.reply(self.say.text(exchange.prompt), delivery)
