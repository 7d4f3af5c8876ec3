"""The configured models, whether they can be reached, and what each says to one tiny question."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from answerable.adapters.models.reach import reach
from answerable.answer.extractive import NAME
from answerable.app.endpoints import Parts, providers_of
from answerable.app.gateway import open_gateway
from answerable.app.linting import is_own, why_moving
from answerable.app.pricing import price_table
from answerable.app.project import Project
from answerable.core.call import Call
from answerable.core.deadline import Deadline
from answerable.core.errors import AnswerableError, ConfigError
from answerable.core.prompt import Rendered
from answerable.llm.breaker import Breaker

_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of one endpoint. `told` are facts as plain values; an error has its hint."""

    provider: str
    endpoint: str
    ok: bool
    told: dict[str, Any]
    error: str = ""
    hint: str = ""


def provider_list(project: Project) -> list[dict[str, Any]]:
    """Each route's chain in order, and the providers that no route names. Reads no secret, asks nobody."""
    settings = project.settings
    placed = [(route.use, place, name) for route in settings.route for place, name in enumerate(route.chain, 1)]
    named = {name for _, _, name in placed}
    rest = [("", 0, name) for name in settings.provider if name not in named]
    return [_listed(project, use, place, name) for use, place, name in (*placed, *rest)]


async def check_providers(project: Project, name: str = "") -> list[Tried]:
    """Connect and show the key, by a call that costs nothing. Raises ConfigError for an unknown name."""
    return [one for each in _names(project, name) for one in await _checked(project, each)]


async def probe_providers(project: Project, name: str = "") -> list[Tried]:
    """One tiny question each, through limits and prices as every call. Raises ConfigError for an unknown name."""
    heard: list[Call] = []
    async with open_gateway(project, Parts(observers=(heard.append,))) as gateway:
        found = []
        for each in _names(project, name):
            try:
                endpoints = gateway.endpoints.of(each)
            except ConfigError as error:
                found.append(_failed(each, "", error))
                continue
            found += [await _probed(one, gateway.probe(), heard) for one in endpoints]
        return found


def _listed(project: Project, use: str, place: int, name: str) -> dict[str, Any]:
    shared = {"use": use, "place": place, "provider": name}
    if name == NAME:
        return {
            **shared,
            "kind": "",
            "model": "exact quotes",
            "endpoints": [],
            "priced": True,
            "moves": "",
            "own": True,
        }
    section = project.settings.provider[name]
    return {
        **shared,
        "kind": section.kind,
        "model": section.model,
        "endpoints": [address or "the vendor's own" for address in section.addresses],
        "priced": price_table(project, name).find(section.model) is not None,
        "moves": why_moving(section),
        "own": is_own(section),
    }


def _names(project: Project, name: str) -> Iterable[str]:
    known = project.settings.provider
    if name and name not in known:
        raise ConfigError(
            f"there is no provider {name!r}", hint=f"configured: {', '.join(known) or 'none; add [provider.NAME]'}"
        )
    return [name] if name else list(known)


async def _checked(project: Project, name: str) -> list[Tried]:
    try:
        endpoints = providers_of(project, name)
    except ConfigError as error:
        return [_failed(name, "", error)]
    found = []
    for endpoint, provider in endpoints.items():
        try:
            reached = await reach(provider)
        except AnswerableError as error:
            found.append(_failed(name, endpoint, error))
            continue
        told = {"model": provider.model, "latency_ms": reached.latency_ms, "listed": reached.listed}
        found.append(Tried(provider=name, endpoint=endpoint, ok=True, told=told))
    return found


async def _probed(endpoint: Breaker, asked: Rendered, heard: list[Call]) -> Tried:
    heard.clear()
    try:
        async for _ in endpoint.stream(asked, deadline=Deadline.after(_PATIENCE_S)):
            pass
    except AnswerableError as error:
        return _failed(endpoint.name, endpoint.id, error)
    call = heard[-1]
    usage = call.usage
    told = {
        "model": call.model,
        "reported": call.reported,
        "fingerprint": call.fingerprint,
        "latency_ms": call.duration_ms,
        "first_text_ms": call.first_text_ms,
        "input": usage.input if usage else None,
        "output": usage.output if usage else None,
        "cost": str(usage.cost) if usage and usage.cost is not None else None,
        "currency": usage.currency if usage else "",
    }
    return Tried(provider=endpoint.name, endpoint=endpoint.id, ok=True, told=told)


def _failed(name: str, endpoint: str, error: AnswerableError) -> Tried:
    return Tried(provider=name, endpoint=endpoint, ok=False, told={}, error=str(error), hint=error.hint)
