"""Says what the passages say, and points at the wrong ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from answerable.testing.model_server.behaviors.cite import NO_ANSWER, best_quotes
from answerable.testing.model_server.exchange import Exchange
from answerable.testing.model_server.prompt import Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Miscite:
    """`other` cites another passage of the context, `missing` a number that no passage has."""

    form: Literal["other", "missing"] = "other"
    limit: int = 2

    def text(self, prompt: Prompt) -> str:
        """True sentences with wrong numbers."""
        count = len(prompt.sources)
        wrong = {
            n: n % count + 1 if self.form == "other" and count > 1 else count + 7 for n in range(1, count + 1)
        }
        return " ".join(one.cited(wrong.get(one.n, 99)) for one in best_quotes(prompt, self.limit)) or NO_ANSWER

    async def perform(self, exchange: Exchange) -> None:
        """Answer."""
        await exchange.reply(self.text(exchange.prompt))
