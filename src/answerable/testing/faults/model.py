"""A faulty model in process; over a socket the scripted model server does the same."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import TransientModelError
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.testing.faults.fault import Fault
from answerable.testing.faults.harm import Harm
from answerable.testing.model_server.behaviors import (
    NO_ANSWER,
    Behavior,
    Cite,
    Echo,
    Garbage,
    Hang,
    Slow,
    Speaker,
    Status,
)
from answerable.testing.model_server.exchange import Exchange
from answerable.testing.model_server.prompt import Prompt

SAID = ("no-text", "bytes", "no-end")


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyLLM:
    """An LLM that fails as told."""

    inner: LLM
    harm: Harm

    @property
    def name(self) -> str:
        """The inner one's."""
        return self.inner.name

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """As the harm says, or the inner one's."""
        await self.harm.strike(_DOWN)
        if self.harm.fault is Fault.EMPTY:
            return Completion(text="", model=self.name)
        if self.harm.fault is Fault.GARBAGE:
            wrong: dict[str, Any] = {"no-text": None, "bytes": b"\xff", "no-end": 7}
            return wrong[self.harm.variant or "no-text"]  # type: ignore[no-any-return]
        return await self.inner.complete(rendered, deadline=deadline)

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncGenerator[str | Completion, None]:
        """As the harm says, or the inner one's."""
        await self.harm.strike(_DOWN)
        if self.harm.fault in (Fault.EMPTY, Fault.GARBAGE):
            for piece in self._wrong():
                yield piece
            return
        async for piece in self.inner.stream(rendered, deadline=deadline):
            yield piece

    def _wrong(self) -> list[Any]:
        if self.harm.fault is Fault.EMPTY:
            return [Completion(text="", model=self.name)]
        wrong: dict[str, list[Any]] = {"no-text": [None], "bytes": [b"\xff"], "no-end": ["Well, "]}
        return wrong[self.harm.variant or "no-text"]


_DOWN = TransientModelError("a drill: 503", status=503)


def behavior(fault: Fault, *, slow_s: float) -> Behavior:
    """The same fault as the scripted model server does it over a socket."""
    match fault:
        case Fault.ERROR:
            return Status(503)
        case Fault.TIMEOUT:
            return Hang()
        case Fault.SLOW:
            return Slow(first_s=slow_s)
        case Fault.EMPTY:
            return Echo("")
        case Fault.GARBAGE:
            return Garbage()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reword:
    """A behavior of the scripted model server: as `Cite`, but no sentence word for word as in its passage."""

    say: Speaker = field(default_factory=Cite)

    def text(self, prompt: Prompt) -> str:
        """Each sentence behind words that say nothing."""
        said = self.say.text(prompt)
        return said if NO_ANSWER in said else re.sub(r"(?:^|(?<=\]\. ))(?=\S)", "That is: ", said)

    async def perform(self, exchange: Exchange) -> None:
        """Answer."""
        await exchange.reply(self.text(exchange.prompt))
