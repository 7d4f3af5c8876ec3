"""The endpoints of a provider: one for each address and key, each with its books, its limit and its circuit."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from answerable.adapters.models.adapter import model_at
from answerable.adapters.models.provider import Provider, Times
from answerable.app.pricing import price_table
from answerable.app.project import Project
from answerable.config.gateway import ProviderSection
from answerable.core.call import Observer
from answerable.core.ports import LLM, Happening
from answerable.core.trace import note
from answerable.llm.booking import Booked
from answerable.llm.breaker import Breaker
from answerable.llm.circuit import Change, Circuit, CircuitLimits
from answerable.llm.concurrency import Limited
from answerable.llm.meter import EndpointState, Meter
from answerable.llm.paying import Paid
from answerable.llm.purse import Purse
from answerable.llm.sound import Sound


def _quiet(happening: Happening) -> None:
    return


# A provider that says nothing for this part of its time counts as failing, even where the request's own deadline
# ended the wait: behind other steps and before other providers it hardly ever gets all of its time.
FAIR = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a running system brings to its gateway; without any it answers, but tells nobody.

    `purse` pays; without one calls are priced all the same.
    """

    observers: tuple[Observer, ...] = ()
    happened: Callable[[Happening], None] = _quiet
    purse: Purse | None = None


def providers_of(project: Project, name: str) -> dict[str, Provider]:
    """A provider's endpoints by id: each address with each key. Raises ConfigError for one or the other."""
    section = project.settings.provider[name]
    keys = [project.secret(reference) or "" for reference in section.credentials]
    placed = [
        (place, _provider(name, section, address, key))
        for address in section.addresses
        for place, key in enumerate(keys, 1)
    ]
    return {_endpoint_id(one, place=place, keys=len(keys)): one for place, one in placed}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Opens a provider's endpoints when they are first asked for; every route that names it shares them."""

    project: Project
    stack: AsyncExitStack
    parts: Parts
    meter: Meter
    made: dict[str, tuple[Breaker, ...]] = field(default_factory=dict)

    def of(self, name: str) -> tuple[Breaker, ...]:
        """Raises ConfigError for an address or a key that cannot be used."""
        if name not in self.made:
            section = self.project.settings.provider[name]
            self.made[name] = tuple(
                self._endpoint(one, section, endpoint)
                for endpoint, one in providers_of(self.project, name).items()
            )
        return self.made[name]

    def _endpoint(self, provider: Provider, section: ProviderSection, endpoint: str) -> Breaker:
        adapter = model_at(provider)
        self.stack.push_async_callback(adapter.aclose)
        return self.guarded(adapter, section, endpoint)

    def guarded(self, adapter: LLM, section: ProviderSection, endpoint: str) -> Breaker:
        """An adapter with all that stands before it."""
        parts, name = self.parts, adapter.name
        table = price_table(self.project, name)
        paid = Paid(
            llm=Sound(llm=adapter),
            model=section.model,
            table=table,
            purse=parts.purse,
            refuse_unpriced=self.project.settings.budget.unpriced == "refuse",
        )
        booked = Booked(
            llm=paid,
            model=section.model,
            endpoint=endpoint,
            observers=(note, self.meter.record, *parts.observers),
            costing=table.costed,
            table=table.version,
        )
        limited = Limited(booked, permits=section.max_concurrency)
        teller = _Teller(parts=parts, provider=name, endpoint=endpoint)
        circuit = Circuit(limits=_limits(self.project, section), changed=teller.tell)
        breaker = Breaker(llm=limited, id=endpoint, circuit=circuit, happened=parts.happened)
        self.meter.watch(provider=name, endpoint=endpoint, model=section.model, state=lambda: _state_of(breaker))
        return breaker


@dataclass(frozen=True, slots=True, kw_only=True)
class _Teller:
    """Makes happenings of an endpoint's changes: when it is left alone, and when it is asked as before."""

    parts: Parts
    provider: str
    endpoint: str

    def tell(self, change: Change) -> None:
        where: dict[str, Any] = {"provider": self.provider, "endpoint": self.endpoint}
        if change.after == "misconfigured":
            props = {**where, "reason": "it does not take our key"}
            self.parts.happened(Happening(name="provider.misconfigured", props=props))
        elif change.after == "open" and change.before == "closed":
            props = {**where, "calls": change.calls, "failed": change.failed, "open_s": change.open_s}
            self.parts.happened(Happening(name="breaker.opened", props=props))
        elif change.after == "closed":
            props = {**where, "open_s": change.open_s}
            self.parts.happened(Happening(name="breaker.closed", props=props))


def _provider(name: str, section: ProviderSection, address: str, key: str) -> Provider:
    return Provider(
        name=name,
        kind=section.kind,
        base_url=address,
        api_key=key,
        model=section.model,
        times=Times(
            connect_s=section.connect,
            first_token_s=min(section.first_token, section.timeout),
            between_tokens_s=section.between_tokens,
            total_s=section.timeout,
        ),
        max_concurrency=section.max_concurrency,
        api_version=section.api_version,
        prompt_caching=section.prompt_caching,
    )


def _endpoint_id(provider: Provider, *, place: int, keys: int) -> str:
    parts = urlsplit(provider.url)
    where = f"{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
    return where if keys == 1 else f"{where} key {place}"


def _limits(project: Project, section: ProviderSection) -> CircuitLimits:
    circuit = project.settings.balance.circuit
    return CircuitLimits(
        errors=circuit.errors,
        window_s=circuit.window,
        least=circuit.least,
        open_s=circuit.open,
        longest_s=circuit.longest,
        slow_s=circuit.slow,
        fair_s=FAIR * min(section.first_token, section.timeout),
    )


def _state_of(breaker: Breaker) -> EndpointState:
    circuit = breaker.circuit
    return EndpointState(breaker=circuit.state, under_way=breaker.load.under_way, ready_in_s=circuit.ready_in_s())
