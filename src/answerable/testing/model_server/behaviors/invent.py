"""Adds what no passage says: new numbers, a new name, a new rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from answerable.testing.model_server.behaviors.cite import best_quotes
from answerable.testing.model_server.exchange import Exchange
from answerable.testing.model_server.prompt import Prompt

INVENTED = "Dr. Malvina Krauss approves every exception within 73 minutes for a fee of 941 EUR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invent:
    """One true cited sentence, then `sentence`: without a citation, or citing a passage that does not say it."""

    form: Literal["uncited", "cited"] = "cited"
    sentence: str = INVENTED

    def text(self, prompt: Prompt) -> str:
        """The truth, where there is some, and the invention."""
        quotes = best_quotes(prompt, 1)
        n = quotes[0].n if quotes else 1
        invented = f"{self.sentence}." if self.form == "uncited" else f"{self.sentence} [{n}]."
        return " ".join([*(one.cited() for one in quotes), invented])

    async def perform(self, exchange: Exchange) -> None:
        """Answer."""
        await exchange.reply(self.text(exchange.prompt))
