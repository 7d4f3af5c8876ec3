"""Answers as Cite does and carries the question's marker along, so that answers that were mixed up are seen."""

from __future__ import annotations

import re
from dataclasses import dataclass

from answerable.testing.model_server.behaviors.cite import NO_ANSWER, Cite, best_quotes
from answerable.testing.model_server.exchange import Delivery, Exchange
from answerable.testing.model_server.prompt import Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The first quote ends with the marker, before its citation; `interval_s` lies between two words."""

    pattern: str = r"\bmark-[a-z]+\b"
    limit: int = 2
    interval_s: float = 0.0

    def text(self, prompt: Prompt) -> str:
        """The quotes with the marker; without a marker in the question, just the quotes."""
        found = re.search(self.pattern, prompt.question)
        quotes = best_quotes(prompt, self.limit)
        if found is None or not quotes:
            return Cite(limit=self.limit).text(prompt)
        first, *others = quotes
        marked = f"{first.sentence.rstrip('.!?: ')} {found.group()} [{first.n}]."
        return " ".join([marked, *(one.cited() for one in others)]) or NO_ANSWER

    async def perform(self, exchange: Exchange) -> None:
        """Answer."""
        await exchange.reply(self.text(exchange.prompt), Delivery(interval_s=self.interval_s))
