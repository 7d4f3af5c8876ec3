"""Refuses requests with a field that it does not know, as some servers behind OpenAI's protocol do."""

from __future__ import annotations

from dataclasses import dataclass, field

from answerable.testing.model_server.behaviors.behavior import Speaker
from answerable.testing.model_server.behaviors.cite import Cite
from answerable.testing.model_server.exchange import Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Picky:
    """400 while the request holds one of `fields`, in OpenAI's words."""

    fields: tuple[str, ...] = ("stream_options",)
    say: Speaker = field(default_factory=Cite)

    async def perform(self, exchange: Exchange) -> None:
        """Complain of the first, or answer."""
        unknown = [name for name in self.fields if name in exchange.recorded.body]
        if unknown:
            message = f"Unsupported parameter: '{unknown[0]}' is not supported with this model."
            return await exchange.fail(400, message, code="unsupported_parameter")
        await exchange.reply(self.say.text(exchange.prompt))
