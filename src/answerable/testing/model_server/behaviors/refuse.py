"""Refuses for reasons of content, in the provider's own form."""

from __future__ import annotations

from dataclasses import dataclass

from answerable.testing.model_server.exchange import Delivery, Exchange


@dataclass(frozen=True, slots=True)
class Refuse:
    """OpenAI: a `refusal` with finish reason content_filter. Anthropic: stop reason `refusal` without content."""

    words: str = "I can't help with that."

    async def perform(self, exchange: Exchange) -> None:
        """Refuse."""
        await exchange.reply(self.words, Delivery(finish="refusal"))
