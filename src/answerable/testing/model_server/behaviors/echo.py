"""Says the same whatever it is asked."""

from __future__ import annotations

from dataclasses import dataclass

from answerable.testing.model_server.exchange import Delivery, Exchange
from answerable.testing.model_server.prompt import Prompt


@dataclass(frozen=True, slots=True)
class Echo:
    """A fixed reply. `finish` is stop, or length for a reply that ran into its token limit."""

    reply: str = "This is a scripted reply."
    finish: str = "stop"

    def text(self, prompt: Prompt) -> str:
        """The reply."""
        return self.reply

    async def perform(self, exchange: Exchange) -> None:
        """Say it."""
        await exchange.reply(self.text(exchange.prompt), Delivery(finish=self.finish))
