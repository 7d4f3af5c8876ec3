"""Shows its reasoning before the text, as reasoning models do."""

from __future__ import annotations

from dataclasses import dataclass, field

from answerable.testing.model_server.behaviors.behavior import Speaker
from answerable.testing.model_server.behaviors.cite import Cite
from answerable.testing.model_server.exchange import Delivery, Exchange

_THOUGHTS = ("Let me look at the sources. ", "The first one says it. ", "I will quote it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """`thoughts` one after the other, then the text, `interval_s` seconds after each."""

    thoughts: tuple[str, ...] = _THOUGHTS
    interval_s: float = 0.0
    say: Speaker = field(default_factory=Cite)

    async def perform(self, exchange: Exchange) -> None:
        """Think, then answer."""
        delivery = Delivery(thoughts=self.thoughts, interval_s=self.interval_s)
        await exchange.reply(self.say.text(exchange.prompt), delivery)
