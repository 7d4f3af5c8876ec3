"""Closes the connection without a word."""

from __future__ import annotations

from dataclasses import dataclass

from answerable.testing.model_server.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Drop:
    """As a machine that dies: the client sees a reset or an end, and no status."""

    async def perform(self, exchange: Exchange) -> None:
        """Be gone."""
        exchange.recorded.completed = True
        exchange.responder.drop()
