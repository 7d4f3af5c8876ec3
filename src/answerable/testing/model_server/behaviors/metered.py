"""Answers well and tells its rate limits, as OpenAI, Azure, Groq and Anthropic do with every reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from answerable.testing.model_server.behaviors.behavior import Speaker
from answerable.testing.model_server.behaviors.cite import Cite
from answerable.testing.model_server.exchange import Delivery, Exchange

LIMITS: Mapping[str, str] = {
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-remaining-requests": "42",
    "x-ratelimit-reset-requests": "1.5s",
    "x-ratelimit-limit-tokens": "30000",
    "x-ratelimit-remaining-tokens": "18000",
    "x-ratelimit-reset-tokens": "6m0s",
}
USED_UP: Mapping[str, str] = {**LIMITS, "x-ratelimit-remaining-requests": "0", "retry-after": "2"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """`headers` are sent as they are."""

    headers: Mapping[str, str] = field(default_factory=lambda: LIMITS)
    say: Speaker = field(default_factory=Cite)

    async def perform(self, exchange: Exchange) -> None:
        """Answer, with the headers."""
        await exchange.reply(self.say.text(exchange.prompt), Delivery(headers=self.headers))
