"""The chain of models that a route names, ending where the configuration says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from answerable.adapters.models.anthropic import Anthropic
from answerable.adapters.models.openai_compatible import OpenAICompatible
from answerable.adapters.models.provider import Provider
from answerable.answer.extractive import Extractive
from answerable.app.project import Project
from answerable.core.ports import LLM
from answerable.llm.route import route

VENDOR_URL = {"openai-compatible": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com"}


@asynccontextmanager
async def open_route(project: Project, use: str, extractive: Extractive) -> AsyncIterator[LLM]:
    """The route for one use. Clients are opened once and closed at the end."""
    section = next((one for one in project.settings.route if one.use == use), None)
    chain = section.chain if section else ("extractive",)
    async with AsyncExitStack() as stack:
        members: list[LLM] = []
        for name in chain:
            if name == "extractive":
                members.append(extractive)
            else:
                members.append(await stack.enter_async_context(_adapter(project, name)))
        yield route(use, members)


def _adapter(project: Project, name: str) -> OpenAICompatible | Anthropic:
    section = project.settings.provider[name]
    provider = Provider(
        name=name,
        base_url=section.base_url or VENDOR_URL[section.kind],
        api_key=project.secret(section.api_key),
        model=section.model,
        total_s=section.timeout,
        max_concurrency=section.max_concurrency,
    )
    return Anthropic(provider) if section.kind == "anthropic" else OpenAICompatible(provider)
