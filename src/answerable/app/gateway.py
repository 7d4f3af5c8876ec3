"""The gateway: every endpoint opened once, and a route for each use made of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from answerable.adapters.models.anthropic import Anthropic
from answerable.adapters.models.openai_compatible import OpenAICompatible
from answerable.adapters.models.provider import Provider, Times
from answerable.answer.extractive import NAME
from answerable.app.pricing import price_table
from answerable.app.project import Project
from answerable.config.gateway import ProviderSection, RouteSection
from answerable.core.errors import ConfigError
from answerable.core.ports import LLM, Happening
from answerable.llm.booking import Booked, Costing, Observer
from answerable.llm.chain import Chain
from answerable.llm.concurrency import Limited
from answerable.llm.meter import Meter
from answerable.llm.price import Priced
from answerable.llm.retry import Retry
from answerable.llm.run import Link
from answerable.llm.use import Used


def _quiet(happening: Happening) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a running system brings to its gateway; without any it answers, but tells nobody.

    `paid` puts the money between an adapter and its books: (adapter, the provider's name) -> an LLM.
    `cached` stands before a route: (route, use) -> an LLM. `costing` prices what a call that was left has used.
    """

    observers: tuple[Observer, ...] = ()
    happened: Callable[[Happening], None] = _quiet
    paid: Callable[[LLM, str], LLM] | None = None
    cached: Callable[[LLM, str], LLM] | None = None
    costing: Costing | None = None
    table: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """Routes by use; a provider is opened when the first route asks for it, and shared by all of them."""

    project: Project
    stack: AsyncExitStack
    parts: Parts = field(default_factory=Parts)
    meter: Meter = field(default_factory=Meter)
    providers: dict[str, LLM] = field(default_factory=dict)

    def answers(self, extractive: LLM) -> LLM:
        """The route for answers; without one, or with `extractive` alone, it quotes the passages."""
        section = self._section("answer") or RouteSection()
        if NAME in section.chain[:-1]:
            raise ConfigError("route 'answer': extractive always answers, so nothing can come after it")
        if section.chain == (NAME,):
            return extractive
        return self._route(section, extractive if NAME in section.chain else None)

    def route(self, use: str) -> LLM | None:
        """The route for another use; None where there is none, and what it is for does without a model."""
        section = self._section(use)
        return None if section is None else self._route(section, None)

    def models(self, use: str) -> dict[str, LLM]:
        """Each provider of a use by itself, in the route's order. Raises ConfigError without such a route."""
        section = self._section(use)
        if section is None:
            raise ConfigError(
                f"no model is configured for {use!r}",
                hint=f'add [[route]] with use = "{use}" and chain = ["NAME"], and [provider.NAME]',
            )
        return {name: Used(llm=self._provider(name), use=use) for name in section.chain}

    def _section(self, use: str) -> RouteSection | None:
        return next((one for one in self.project.settings.route if one.use == use), None)

    def _route(self, section: RouteSection, last_resort: LLM | None) -> LLM:
        links = tuple(
            Link(llm=self._provider(name), model=self.project.settings.provider[name].model)
            for name in section.chain
            if name != NAME
        )
        chain: LLM = Used(llm=Chain(links=links, last_resort=last_resort, name=section.use), use=section.use)
        return self.parts.cached(chain, section.use) if self.parts.cached else chain

    def _provider(self, name: str) -> LLM:
        if name not in self.providers:
            self.providers[name] = self._opened(name, self.project.settings.provider[name])
        return self.providers[name]

    def _opened(self, name: str, section: ProviderSection) -> LLM:
        provider = Provider(
            name=name,
            kind=section.kind,
            base_url=section.base_url or "",
            api_key=self.project.secret(section.api_key) or "",
            model=section.model,
            times=Times(first_token_s=min(section.first_token, section.timeout), total_s=section.timeout),
            max_concurrency=section.max_concurrency,
        )
        adapter = Anthropic(provider) if section.kind == "anthropic" else OpenAICompatible(provider)
        self.stack.push_async_callback(adapter.aclose)
        table = price_table(self.project)
        paid = self.parts.paid(adapter, name) if self.parts.paid else Priced(llm=adapter, table=table)
        booked = Booked(llm=paid, model=section.model, observers=(self.meter.record, *self.parts.observers))
        return Retry(llm=Limited(booked, permits=section.max_concurrency))


@asynccontextmanager
async def open_gateway(
    project: Project, parts: Parts | None = None, *, models: Mapping[str, LLM] | None = None
) -> AsyncIterator[Gateway]:
    """The gateway of a project; its connections are closed at the end. `models` are used instead of providers.

    Raises ConfigError.
    """
    async with AsyncExitStack() as stack:
        yield Gateway(project=project, stack=stack, parts=parts or Parts(), providers=dict(models or {}))
