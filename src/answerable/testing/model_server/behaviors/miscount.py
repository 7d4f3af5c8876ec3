"""Answers well and counts its tokens badly."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from answerable.testing.model_server.behaviors.behavior import Speaker
from answerable.testing.model_server.behaviors.cite import Cite
from answerable.testing.model_server.exchange import Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Miscount:
    """`missing`: no usage at all; `zero`: all zero; `wrong`: ten times as much as there was."""

    form: Literal["missing", "zero", "wrong"] = "missing"
    say: Speaker = field(default_factory=Cite)

    async def perform(self, exchange: Exchange) -> None:
        """Answer."""
        text = self.say.text(exchange.prompt)
        await exchange.asked(replace(exchange.prompt, counting=self.form)).reply(text)
