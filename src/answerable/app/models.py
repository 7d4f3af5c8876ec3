"""Models without a running system: a route, or each provider of it, for a tool that opens a gateway of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from answerable.app.gateway import Gateway, Parts, open_gateway
from answerable.app.project import Project
from answerable.core.ports import LLM

__all__ = ["Gateway", "Parts", "open_gateway", "open_models", "open_route"]


@asynccontextmanager
async def open_route(project: Project, use: str, extractive: LLM) -> AsyncIterator[LLM]:
    """The chain for one use; `extractive` ends one for answers. Raises ConfigError."""
    async with open_gateway(project) as gateway:
        yield gateway.answers(extractive) if use == "answer" else gateway.route(use) or extractive


@asynccontextmanager
async def open_models(project: Project, use: str, parts: Parts | None = None) -> AsyncIterator[dict[str, LLM]]:
    """Each provider of a use by itself, in the route's order. Raises ConfigError where there is no such route."""
    async with open_gateway(project, parts) as gateway:
        yield gateway.models(use)
