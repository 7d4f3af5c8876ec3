"""Stops in the middle of a reply, openly or so that it looks finished."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from answerable.testing.model_server.behaviors.behavior import Speaker
from answerable.testing.model_server.behaviors.cite import Cite
from answerable.testing.model_server.exchange import Delivery, Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Ends after `after` characters: `cut` breaks the framing, `clean` closes without finish reason and usage."""

    after: int = 40
    ending: Literal["cut", "clean"] = "cut"
    say: Speaker = field(default_factory=Cite)

    async def perform(self, exchange: Exchange) -> None:
        """Say a part."""
        delivery = Delivery(stop_after=self.after, ending=self.ending)
        await exchange.reply(self.say.text(exchange.prompt), delivery)
