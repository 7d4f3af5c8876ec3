"""Answers with something that is nearly the protocol."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from answerable.testing.model_server.behaviors.behavior import Speaker
from answerable.testing.model_server.behaviors.cite import Cite
from answerable.testing.model_server.exchange import Exchange

_PAGE = b"<!doctype html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """`html`: a page with status 200, as captive portals and proxies send it.

    `unnamed`: a stream whose lines have no `data:`. `unended`: a stream whose events no blank line ends. Where no
    stream is asked for, these two send the stream all the same.
    """

    form: Literal["html", "unnamed", "unended"] = "unnamed"
    say: Speaker = field(default_factory=Cite)

    async def perform(self, exchange: Exchange) -> None:
        """Send it."""
        exchange.recorded.status = 200
        if self.form == "html":
            return await exchange.responder.whole(200, _PAGE, {"content-type": "text/html"})
        dialect, prompt, text = exchange.dialect, exchange.prompt, self.say.text(exchange.prompt)
        events = dialect.opening(prompt) + dialect.piece(prompt, text) + dialect.closing(prompt, text, "stop")
        await exchange.responder.begin()
        await exchange.responder.write(
            events.replace(b"data: ", b"") if self.form == "unnamed" else events.replace(b"\n\n", b"")
        )
        await exchange.responder.end()
