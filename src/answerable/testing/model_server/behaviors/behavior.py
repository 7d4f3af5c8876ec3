"""The two kinds of behavior: one that answers a request in any way, and one that only decides what is said."""

from __future__ import annotations

from typing import Protocol

from answerable.testing.model_server.exchange import Exchange
from answerable.testing.model_server.prompt import Prompt


class Behavior(Protocol):
    """Answers a request, well or badly."""

    async def perform(self, exchange: Exchange) -> None: ...


class Speaker(Protocol):
    """Decides what is said; another behavior may decide how it is handed over."""

    def text(self, prompt: Prompt) -> str: ...
