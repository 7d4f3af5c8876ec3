"""The chain of models that a route names; `extractive` in it is the end that needs no model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from answerable.adapters.models.anthropic import Anthropic
from answerable.adapters.models.openai_compatible import OpenAICompatible
from answerable.adapters.models.provider import Provider, Times
from answerable.answer.extractive import NAME, Extractive
from answerable.app.pricing import price_table
from answerable.app.project import Project
from answerable.core.errors import ConfigError
from answerable.core.ports import LLM
from answerable.llm.chain import Chain
from answerable.llm.concurrency import Limited
from answerable.llm.price import Priced
from answerable.llm.retry import Retry
from answerable.llm.run import Link


@asynccontextmanager
async def open_route(project: Project, use: str, extractive: Extractive) -> AsyncIterator[LLM]:
    """The chain for one use. Clients are opened once and closed at the end."""
    section = next((one for one in project.settings.route if one.use == use), None)
    chain = section.chain if section else (NAME,)
    if NAME in chain[:-1]:
        raise ConfigError(f"route {use!r}: extractive always answers, so nothing can come after it")
    async with AsyncExitStack() as stack:
        links = [
            Link(llm=await _open(project, name, stack), model=project.settings.provider[name].model)
            for name in chain
            if name != NAME
        ]
        if not links:
            yield extractive
            return
        yield Chain(links=tuple(links), last_resort=extractive if NAME in chain else None, name=use)


@asynccontextmanager
async def open_reranking(project: Project) -> AsyncIterator[LLM | None]:
    """The chain of the route for rerank; None where there is no such route."""
    section = next((one for one in project.settings.route if one.use == "rerank"), None)
    if section is None:
        yield None
        return
    async with AsyncExitStack() as stack:
        links = [
            Link(llm=await _open(project, name, stack), model=project.settings.provider[name].model)
            for name in section.chain
        ]
        yield Chain(links=tuple(links), last_resort=None, name="rerank")


@asynccontextmanager
async def open_models(project: Project, use: str) -> AsyncIterator[dict[str, LLM]]:
    """Each provider of a use by itself, in the route's order. Raises ConfigError where there is no such route."""
    section = next((one for one in project.settings.route if one.use == use), None)
    if section is None:
        raise ConfigError(
            f"no model is configured for {use!r}",
            hint=f'add [[route]] with use = "{use}" and chain = ["NAME"], and [provider.NAME]',
        )
    async with AsyncExitStack() as stack:
        yield {name: await _open(project, name, stack) for name in section.chain}


async def _open(project: Project, name: str, stack: AsyncExitStack) -> LLM:
    """One provider: its protocol, its own retries inside its share of the time, its limit of calls, its price."""
    section = project.settings.provider[name]
    provider = Provider(
        name=name,
        kind=section.kind,
        base_url=section.base_url or "",
        api_key=project.secret(section.api_key) or "",
        model=section.model,
        times=Times(first_token_s=min(section.first_token, section.timeout), total_s=section.timeout),
        max_concurrency=section.max_concurrency,
    )
    adapter = Anthropic(provider) if section.kind == "anthropic" else OpenAICompatible(provider)
    stack.push_async_callback(adapter.aclose)
    asked = Retry(llm=Limited(adapter, permits=section.max_concurrency))
    return Priced(llm=asked, table=price_table(project))
