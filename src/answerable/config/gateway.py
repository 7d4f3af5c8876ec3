"""Settings of the gateway: which models answer what, in which order, and how they share the work."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from answerable.config.section import Section
from answerable.config.values import Duration, OptionalDuration, Reference, WebAddress

EXTRACTIVE = "extractive"  # the end of a chain that needs no model
USES = ("answer", "rewrite", "decompose", "judge", "summary", "rerank", "guard")


class RouteSection(Section):
    """An ordered chain of providers for one use."""

    use: Literal["answer", "rewrite", "decompose", "judge", "summary", "rerank", "guard"] = Field(
        "answer", description="What the chain is for."
    )
    chain: tuple[str, ...] = Field(("extractive",), min_length=1, description="Names of providers, in order.")
    retry_share: Annotated[float, Field(ge=0, le=1)] = Field(
        0.1, description="Retries and second requests, at most this share of all requests of the route."
    )
    weighted: bool = Field(
        False, description="Begin with one provider drawn by weight; the others follow in their order."
    )


class ProviderSection(Section):
    """One model behind one endpoint, or behind several that are alike."""

    kind: Literal["openai-compatible", "azure", "anthropic"] = Field(description="The protocol.")
    base_url: WebAddress | None = Field(None, description="Where it listens; the vendor's own when empty.")
    base_urls: tuple[WebAddress, ...] = Field(
        (), description="Several endpoints of the same model, instead of base_url."
    )
    api_key: Reference | None = Field(None, description="env:NAME or file:PATH.")
    api_keys: tuple[Reference, ...] = Field((), description="Several keys, instead of api_key.")
    api_version: str = Field("", description="Azure's.")
    model: str = Field(description="Pin a version.")
    weight: Annotated[float, Field(gt=0, le=1000)] = Field(
        1.0, description="Its share, where a route is weighted."
    )
    weights: tuple[Annotated[float, Field(gt=0, le=1000)], ...] = Field(
        (), description="Shares of its endpoints, address by address and key by key; empty: equal ones."
    )
    timeout: Duration = Field(3.0, description="For one attempt.")
    connect: Duration = Field(1.0, description="Until the connection stands.")
    first_token: Duration = Field(2.0, description="Until the first text; raise it for a slow local model.")
    between_tokens: Duration = Field(1.0, description="Between two pieces of text.")
    max_concurrency: Annotated[int, Field(ge=1, le=10000)] = Field(
        64, description="Requests at once, an endpoint."
    )
    prompt_caching: bool = Field(True, description="Mark the prompt's fixed part for the provider's cache.")
    price: str = Field("", description="A model's name in the price table, where the reported one is not in it.")

    @model_validator(mode="after")
    def _endpoints_are_told_once(self) -> Self:
        if self.base_url and self.base_urls:
            raise ValueError("base_url and base_urls: set one of them")
        if self.api_key and self.api_keys:
            raise ValueError("api_key and api_keys: set one of them")
        count = len(self.addresses) * len(self.credentials)
        if self.weights and len(self.weights) != count:
            raise ValueError(f"{len(self.weights)} weights for {count} endpoints")
        return self

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where it listens; an empty one is the vendor's own."""
        return self.base_urls or (self.base_url or "",)

    @property
    def credentials(self) -> tuple[str | None, ...]:
        """References to its keys; None for no key."""
        return self.api_keys or (self.api_key,)


class CircuitSection(Section):
    """When an endpoint that fails is left alone for a while."""

    errors: Annotated[float, Field(gt=0, le=1)] = Field(0.5, description="Share of failed calls that opens it …")
    window: Duration = Field(30.0, description="… within this time …")
    least: Annotated[int, Field(ge=1, le=10000)] = Field(5, description="… once so many calls were made.")
    open: Duration = Field(
        5.0, description="So long nothing is sent; then one probe, and twice as long if it fails."
    )
    longest: Duration = Field(60.0, description="The longest time without a probe.")
    slow: Duration | None = Field(
        None, description="A call without its first text by then counts as failed; empty: only the time limits."
    )


class BalanceSection(Section):
    """How the endpoints of a provider share the work."""

    policy: Literal["weighted", "least-latency", "sticky"] = Field(
        "least-latency",
        description="Which endpoint comes first; sticky: by person, so that prompt caches are hit.",
    )
    hedge_after: Literal["off", "p95"] = Field(
        "off", description="A second request when the first is slower than its p95; counts as a retry."
    )
    circuit: CircuitSection = CircuitSection()
    probe_every: OptionalDuration = Field(
        None, description="Ask every endpoint so often, so that the whole chain is exercised; empty: never."
    )


def check_routes(routes: Sequence[RouteSection], providers: Collection[str]) -> None:
    """Raises ValueError, with the fix, for a route that cannot work or that has no way out."""
    uses = [one.use for one in routes]
    if repeated := next((use for use in uses if uses.count(use) > 1), None):
        raise ValueError(f"two routes have use = {repeated!r}: join their chains")
    for route in routes:
        _check_chain(route, providers)


def _check_chain(route: RouteSection, providers: Collection[str]) -> None:
    where, chain = f"route {route.use!r}", route.chain
    if route.use != "answer" and EXTRACTIVE in chain:
        raise ValueError(f"{where} cannot end in extractive: it only quotes passages")
    if unknown := [name for name in chain if name not in providers and name != EXTRACTIVE]:
        raise ValueError(f"{where} names the provider {unknown[0]!r}, which is not configured")
    if repeated := next((name for name in chain if chain.count(name) > 1), None):
        raise ValueError(f"{where} names {repeated!r} twice: name it once")
    if EXTRACTIVE in chain[:-1]:
        raise ValueError(f"{where}: extractive always answers, so nothing can come after it: put it last")
    if route.use == "answer" and len(chain) == 1 and chain != (EXTRACTIVE,):
        end = f'chain = ["{chain[0]}", "{EXTRACTIVE}"]'
        raise ValueError(f"{where} has no way out when {chain[0]!r} is down: set {end}, or add a second provider")
