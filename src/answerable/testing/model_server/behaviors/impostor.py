"""Answers well and says that it is somebody else: another model, or another backend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import cycle

from answerable.testing.model_server.behaviors.behavior import Speaker
from answerable.testing.model_server.behaviors.cite import Cite
from answerable.testing.model_server.exchange import Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherModel:
    """Reports `model`, whatever was asked for, as a provider does that serves a newer or smaller one."""

    model: str = "another-model-2"
    say: Speaker = field(default_factory=Cite)

    async def perform(self, exchange: Exchange) -> None:
        """Answer."""
        text = self.say.text(exchange.prompt)
        await exchange.asked(replace(exchange.prompt, model=self.model)).reply(text)


@dataclass(slots=True, kw_only=True)
class Fingerprints:
    """Reports one fingerprint after the other, a request each, over and over."""

    fingerprints: tuple[str, ...] = ("fp_one", "fp_two")
    say: Speaker = field(default_factory=Cite)
    _next: Iterator[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._next = cycle(self.fingerprints)

    async def perform(self, exchange: Exchange) -> None:
        """Answer."""
        text = self.say.text(exchange.prompt)
        await exchange.asked(replace(exchange.prompt, fingerprint=next(self._next))).reply(text)
