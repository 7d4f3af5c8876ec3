"""Begins well and then says nothing more, without ending."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from answerable.testing.model_server.behaviors.behavior import Speaker
from answerable.testing.model_server.behaviors.cite import Cite
from answerable.testing.model_server.exchange import Delivery, Exchange
from answerable.testing.model_server.tokens import token_spans


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """After `tokens` tokens: nothing until the client leaves, or with `keep_alive_s` a comment every so often."""

    tokens: int = 5
    keep_alive_s: float = 0.0
    say: Speaker = field(default_factory=Cite)

    async def perform(self, exchange: Exchange) -> None:
        """Say a part, then wait for ever."""
        text = self.say.text(exchange.prompt)
        after = [0, *token_spans(text)][: self.tokens + 1][-1]
        if not (self.keep_alive_s and exchange.prompt.stream):
            return await exchange.reply(text, Delivery(stop_after=after, ending="stalls"))
        responder, dialect, prompt = exchange.responder, exchange.dialect, exchange.prompt
        await responder.begin()
        await responder.write(dialect.opening(prompt), dialect.piece(prompt, text[:after]))
        while True:
            await asyncio.sleep(self.keep_alive_s)
            await responder.write(b": keep-alive\n\n")
