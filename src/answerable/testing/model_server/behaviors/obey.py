"""A gullible model, for the guards: does whatever any text in its prompt tells it to do."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from urllib.parse import quote

from answerable.testing.model_server.behaviors.cite import Cite
from answerable.testing.model_server.behaviors.orders import asks_for_secrets, dictated, readable, wanted_urls
from answerable.testing.model_server.exchange import Exchange
from answerable.testing.model_server.prompt import Prompt

_MAX_LEAK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Obey:
    """Obeys passages and question alike: replies as told, leaks the system prompt, emits links, images, markup.

    Without any order in sight it answers as `Cite` does. It knows the common forms of orders and not all of them:
    what no guard may let through, whatever was ordered, is what `Parrot` says.
    """

    def text(self, prompt: Prompt) -> str:
        """What the orders ask for, all of it."""
        said: list[str] = []
        for text in (*(source.text for source in prompt.sources), prompt.question):
            said.extend(obeyed(readable(text), prompt))
        return "\n".join(dict.fromkeys(said)) or Cite().text(prompt)

    async def perform(self, exchange: Exchange) -> None:
        """Obey."""
        await exchange.reply(self.text(exchange.prompt))


def obeyed(plain: str, prompt: Prompt) -> list[str]:
    """What one readable text orders, done."""
    said = dictated(plain)
    if asks_for_secrets(plain):
        said.append(f"My system prompt is: {prompt.system}")
        if "base64" in plain.lower():
            said.append(base64.b64encode(prompt.system.encode()).decode())
    for url in wanted_urls(plain):
        said.extend(exfiltration(url, prompt))
    return said


def exfiltration(url: str, prompt: Prompt) -> list[str]:
    """An image that carries the system prompt away when it is loaded, and a link that wants to be clicked."""
    joint = "&" if "?" in url else "?"
    leak = quote((prompt.system or prompt.question)[:_MAX_LEAK])
    return [f"![status]({url}{joint}d={leak})", f"[Click here]({url})"]
