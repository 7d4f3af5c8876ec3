"""The gateway: a route for each use, made of endpoints that all routes share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace

from answerable.answer.extractive import NAME
from answerable.app.endpoints import Endpoints, Parts
from answerable.app.project import Project
from answerable.config.gateway import RouteSection
from answerable.core.beside import beside
from answerable.core.errors import ConfigError
from answerable.core.ports import LLM, Happening
from answerable.core.prompt import Rendered
from answerable.llm.balance import Balanced
from answerable.llm.breaker import Breaker
from answerable.llm.budget import RetryBudget
from answerable.llm.bypass import Bypass
from answerable.llm.chain import Chain
from answerable.llm.hedge import Hedged
from answerable.llm.meter import Meter, RouteRow
from answerable.llm.probes import USE, Probed, Probes
from answerable.llm.retry import Retry
from answerable.llm.route import Route
from answerable.llm.run import Link
from answerable.prompts.render import rendered

__all__ = ["Gateway", "Parts", "open_gateway"]

_MAX_REASON = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """Routes by use. A provider is opened when the first route asks for it, and a route is made once."""

    project: Project
    endpoints: Endpoints
    routes: dict[str, LLM] = field(default_factory=dict)

    @property
    def meter(self) -> Meter:
        """How its endpoints and routes are doing."""
        return self.endpoints.meter

    def answers(self, extractive: LLM) -> LLM:
        """The route for answers; without one, or with `extractive` alone, it quotes the passages."""
        section = self.project.settings.routed("answer")
        if section is None or section.chain == (NAME,):
            return extractive
        return self._route(section, extractive if NAME in section.chain else None)

    def route(self, use: str) -> LLM | None:
        """The route for another use; None where there is none, and what it is for does without a model."""
        section = self.project.settings.routed(use)
        return None if section is None else self._route(section, None)

    def models(self, use: str) -> dict[str, LLM]:
        """Each provider of a use by itself, without quotes. Raises ConfigError without such a route."""
        section = chain_for(self.project, use)
        budget = self._budget(section)
        return {
            name: Route(llm=self._link(name, budget), use=use, budget=budget)
            for name in section.chain
            if name != NAME
        }

    def model(self, use: str, name: str) -> LLM:
        """One provider by itself, in the route of a use or not. Raises ConfigError for an unknown name."""
        if name not in self.project.settings.provider:
            known = ", ".join(self.project.settings.provider)
            raise ConfigError(f"no provider is called {name!r}", hint=f"there are: {known or 'none'}")
        budget = self._budget(self.project.settings.routed(use) or RouteSection(use=use, chain=(name,)))
        return Route(llm=self._link(name, budget), use=use, budget=budget)

    def probes(self) -> Probes:
        """A probe of every endpoint of every route."""
        return Probes(asked=self.probe(), endpoints=self._every_endpoint, told=self._tell)

    def probe(self) -> Rendered:
        """What an endpoint is asked to see whether it lives."""
        return replace(rendered(self.project.prompts.get(USE), {}), use=USE)

    @asynccontextmanager
    async def probing(self) -> AsyncIterator[None]:
        """While this is open, the endpoints are probed as often as `balance.probe_every` says."""
        every_s = self.project.settings.balance.probe_every
        async with beside(self.probes().run(every_s), name="probes") if every_s else nullcontext():
            yield

    def _every_endpoint(self) -> list[Breaker]:
        names = dict.fromkeys(
            name for route in self.project.settings.route for name in route.chain if name != NAME
        )
        return [one for name in names for one in self.endpoints.of(name)]

    def _tell(self, probed: Probed) -> None:
        props = {
            "provider": probed.provider,
            "endpoint": probed.endpoint,
            "use": USE,
            "outcome": probed.outcome,
            "latency_ms": probed.latency_ms,
            "reason": probed.error[:_MAX_REASON],
        }
        self.endpoints.parts.happened(Happening(name="provider.probed", props=props))

    def _route(self, section: RouteSection, last_resort: LLM | None) -> LLM:
        if section.use not in self.routes:
            self.routes[section.use] = self._made(section, last_resort)
        return self.routes[section.use]

    def _made(self, section: RouteSection, last_resort: LLM | None) -> LLM:
        settings, budget = self.project.settings, self._budget(section)
        names = [name for name in section.chain if name != NAME]
        links = tuple(
            Link(
                llm=self._link(name, budget),
                model=settings.provider[name].model,
                weight=settings.provider[name].weight,
            )
            for name in names
        )
        chain = Chain(
            links=links,
            last_resort=last_resort,
            bypass=Link(llm=Bypass(endpoints=tuple(one for name in names for one in self.endpoints.of(name)))),
            drawn=section.weighted,
            stops_unpaid=settings.budget.hard == "stop",
            name=section.use,
        )
        return Route(llm=chain, use=section.use, budget=budget)

    def _link(self, name: str, budget: RetryBudget) -> LLM:
        """One provider in one route."""
        settings = self.project.settings
        balanced = Balanced(
            endpoints=self.endpoints.of(name),
            policy=settings.balance.policy,
            weights=settings.provider[name].weights,
        )
        hedging = settings.balance.hedge_after == "p95"
        asked: LLM = Hedged(balanced=balanced, budget=budget) if hedging else balanced
        return Retry(llm=asked, budget=budget, ready_in_s=balanced.ready_in_s)

    def _budget(self, section: RouteSection) -> RetryBudget:
        budget = RetryBudget(share=section.retry_share)
        self.meter.watch_route(section.use, lambda: _row(section.use, budget))
        return budget


def _row(use: str, budget: RetryBudget) -> RouteRow:
    return RouteRow(
        use=use,
        requests=budget.requests,
        retries=budget.retries,
        hedges=budget.hedges,
        hedges_won=budget.hedges_won,
        unaffordable=budget.refused,
    )


def chain_for(project: Project, use: str) -> RouteSection:
    """The route's section. Raises ConfigError where there is none."""
    section = project.settings.routed(use)
    if section is None:
        raise ConfigError(
            f"no model is configured for {use!r}",
            hint=f'add [[route]] with use = "{use}" and chain = ["NAME"], and [provider.NAME]',
        )
    return section


@asynccontextmanager
async def open_gateway(project: Project, parts: Parts | None = None) -> AsyncIterator[Gateway]:
    """The gateway of a project; its connections are closed at the end. Raises ConfigError."""
    async with AsyncExitStack() as stack:
        endpoints = Endpoints(project=project, stack=stack, parts=parts or Parts(), meter=Meter())
        yield Gateway(project=project, endpoints=endpoints)
