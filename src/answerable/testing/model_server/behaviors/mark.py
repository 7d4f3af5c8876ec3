"""Answers as Cite does and carries the question's marker along, so that answers that were mixed up are seen."""

from __future__ import annotations

import re
from dataclasses import dataclass

from answerable.testing.model_server.behaviors.cite import NO_ANSWER, Cite
from answerable.testing.model_server.exchange import Delivery, Exchange
from answerable.testing.model_server.prompt import Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The quotes, then a sentence of what they do not say, with the marker; `interval_s` lies between two words.

    A marker inside a quote would be held back by answerable's verifier: no passage says it.
    """

    pattern: str = r"\bmark-[a-z]+\b"
    limit: int = 2
    interval_s: float = 0.0

    def text(self, prompt: Prompt) -> str:
        """The quotes with the marker; without a marker in the question, just the quotes."""
        said = Cite(limit=self.limit).text(prompt)
        found = re.search(self.pattern, prompt.question)
        if found is None or said == NO_ANSWER:
            return said
        return f"{said} The sources do not say more about {found.group()}."

    async def perform(self, exchange: Exchange) -> None:
        """Answer."""
        await exchange.reply(self.text(exchange.prompt), Delivery(interval_s=self.interval_s))
